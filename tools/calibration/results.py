"""The raw results of a calibration: one line a trial, appended as soon as it is there."""

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from reglab.errors import AuditError

RESULTS: Final = Path(__file__).with_name("results.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Scenario:
    """One scenario of a trial: medians a pair in microseconds by side, pooled means, and what each judge said."""

    medians_us: Mapping[str, tuple[int, ...]]
    means_us: Mapping[str, float]
    conclusion: str
    is_sentinel_slower: bool
    is_mann_whitney_slower: bool


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Trial:
    """One comparison of known truth.

    Trials of one `batch` were made from the same pairs; `neighbours_cores` is how many cores other people's processes
    kept busy beside it, `seconds` what the whole batch took, and what making the databases had taken.
    """

    kind: str
    outcome: str
    pairs: int
    seconds: float
    batch: str
    neighbours_cores: float
    placement: str
    planted: str
    revision: str
    python: str
    at: str
    scenarios: Mapping[str, Scenario]


TRIAL: Final[TypeAdapter[Trial]] = TypeAdapter(Trial)


def read_trials(path: Path = RESULTS) -> list[Trial]:
    """Return the trials there are. Raises AuditError, with its place, for a line that is none."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_trial(line, place=f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _trial(line: str, *, place: str) -> Trial:
    try:
        return TRIAL.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AuditError(f"{place}: no trial of this version: {where}: {first['msg']}; take the line out") from None


def append(trial: Trial, path: Path = RESULTS) -> None:
    """Append a trial; several shards may do so at once."""
    data: Any = TRIAL.dump_python(trial, mode="json")
    with path.open("a", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(json.dumps(data, separators=(",", ":")) + "\n")
