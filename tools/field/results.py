"""Results of the steps of a field test: one line of JSON a step, kept as soon as it is known."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from tools.field.errors import FieldError

FILE: Final = "results.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One step of a project's field test.

    `digest` says what it holds for: the harness, the pins and the entry of the project. `waived_by_reason` counts the
    endpoints that no scenario measures; `findings` are the first sentences of the problems that the step named.
    """

    project: str
    version: str
    step: str
    digest: str
    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    is_timed_out: bool = False
    workers: int = 1
    endpoints: int = 0
    measured: int = 0
    waived_by_reason: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    planted_at: str = ""
    planted_rank: int = 0
    last_words: str = ""


_KEYS: Final = frozenset(one.name for one in fields(Result))


def read_results(path: Path) -> tuple[Result, ...]:
    """Read the newest result of each step; an absent file holds none. Raises FieldError as `file:line: …`."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = (_parsed(line, where=f"{path}:{number}") for number, line in enumerate(lines, start=1))
    return tuple({result.step: result for result in found}.values())


def append_result(path: Path, result: Result) -> None:
    """Keep one result, so that whatever happens next loses nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(result)) + "\n")


def of_digest(results: Iterable[Result], digest: str) -> dict[str, Result]:
    """Return the results that still hold, by step."""
    return {result.step: result for result in results if result.digest == digest}


def _parsed(line: str, *, where: str) -> Result:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise FieldError(f"{where}: is not JSON ({error}); remove the line, and the step is run again") from None
    if not isinstance(data, dict) or set(data) != _KEYS:
        raise FieldError(f"{where}: is no result of a step; remove the line, and the step is run again")
    return Result(**{**data, "findings": tuple(data["findings"])})
