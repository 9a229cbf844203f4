"""Results of the steps of a field test: one line of JSON a step, kept as soon as it is known."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from tools.field.errors import FieldError

SUFFIX: Final = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One step of a project's field test.

    `digest` says what it holds for: the harness, the pins and the entry of the project. `gets` and `writes` are how
    many endpoints are measured, and how many there are; `waived_by_reason` counts those that no scenario measures.
    `known` are the causes that a first audit keeps, `findings` the first sentences of the problems that fail.
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
    date: str = ""
    gets: tuple[int, int] = (0, 0)
    writes: tuple[int, int] = (0, 0)
    waived_by_reason: Mapping[str, int] = field(default_factory=dict)
    known: tuple[str, ...] = ()
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


def results_path(folder: Path, project: str) -> Path:
    """Return the file of a project's results."""
    return folder / f"{project}{SUFFIX}"


def keep_result(path: Path, result: Result) -> None:
    """Keep one result in the place of the step's earlier one, so that whatever happens next loses nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    results = {one.step: one for one in read_results(path)} | {result.step: result}
    lines = (json.dumps(asdict(one), ensure_ascii=False) for one in results.values())
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


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
    lists = ("gets", "writes", "known", "findings")
    return Result(**{**data, **{name: tuple(data[name]) for name in lists}})
