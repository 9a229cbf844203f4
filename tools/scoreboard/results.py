"""Answers of each peer to each change: one line of JSON a cell, kept as soon as it is known."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Literal, get_args

from tools.scoreboard.errors import ScoreboardError

Outcome = Literal["quiet", "failed", "error"]
Reason = Literal["own", "test", ""]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One cell: the peer's check was quiet, failed, or could not be run.

    `reason` tells a check that failed by the peer's `own` doing from one where only the test's plain assertion of the
    answer's status did. `change_digest` and `setup_digest` say what the result holds for.
    """

    peer: str
    version: str
    setup_digest: str
    change: str
    kind: str
    change_digest: str
    outcome: Outcome
    reason: Reason
    signal: str
    seconds: float

    @property
    def key(self) -> Key:
        """The cell that this result fills."""
        return (self.peer, self.change)


_TYPES: Final = {field.name: float if field.name == "seconds" else str for field in fields(Result)}


def read_results(path: Path) -> dict[Key, Result]:
    """Read the newest result of each cell; an absent file holds none.

    Raises ScoreboardError as `file:line: what is wrong` where a line is no result.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise ScoreboardError(f"{path}: cannot be read: {error}") from None
    found = (_parsed(line, where=f"{path}:{number}") for number, line in enumerate(lines, start=1))
    return {result.key: result for result in found}


def append_result(path: Path, result: Result) -> None:
    """Keep one result, so that whatever happens next loses nothing."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(result))


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write all results in the order of their cells, so that a later run changes only the lines that it must."""
    path.write_text("".join(_line(result) for result in sorted(results, key=lambda one: one.key)), encoding="utf-8")


def _line(result: Result) -> str:
    return json.dumps(asdict(result)) + "\n"


def _parsed(line: str, *, where: str) -> Result:
    remedy = "remove the line, and the scoreboard measures its cell again"
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise ScoreboardError(f"{where}: is not JSON ({error}); {remedy}") from None
    if not isinstance(raw, dict) or set(raw) != set(_TYPES):
        raise ScoreboardError(f"{where}: is no result with the keys {', '.join(_TYPES)}; {remedy}")
    for name, kind in _TYPES.items():
        if not isinstance(raw[name], kind):
            raise ScoreboardError(f"{where}: {name} is {raw[name]!r}, expected a {kind.__name__}; {remedy}")
    if raw["outcome"] not in get_args(Outcome) or raw["reason"] not in get_args(Reason):
        raise ScoreboardError(f"{where}: no outcome is called {raw['outcome']!r} {raw['reason']!r}; {remedy}")
    return Result(**raw)
