"""The write ledger: every write is on file before it is sent, and what became of it afterwards."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Self

from reglab.errors import LoadTestError
from reglab.load.operations import Effect, Request
from reglab.load.pool import Id


class Fate(StrEnum):
    """What became of a write. An open one was sent, or about to be, when its process ended: as good as unknown."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of the run: its effects, its fate, and the row that the service answered with (0 when none).

    `began` and `ended` are the places of its two lines in its ledger: which write came first is known within one.
    """

    number: int
    effects: tuple[Effect, ...]
    request: str = ""
    fate: Fate = Fate.OPEN
    status: int = 0
    row: Id = 0
    source: str = ""
    began: int = 0
    ended: int = 0


class WriteLedger:
    """Appends to one process's ledger file. Each line leaves the process before the call returns.

    Without fsync: a killed process loses nothing, a killed machine may; then there is no verdict anyway.
    """

    def __init__(self, stream: BinaryIO, *, is_sent_along: bool = False) -> None:
        self._stream = stream
        self._number = 0
        self._is_sent_along = is_sent_along
        self._lines: list[str] = []

    @classmethod
    def create(cls, path: Path, *, is_sent_along: bool = False) -> Self:
        """Open a new ledger file; raises FileExistsError rather than mix two runs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path.open("xb", buffering=0), is_sent_along=is_sent_along)

    def intend(self, request: Request) -> int:
        """Record a write before it is sent and return its number. Raises OSError: then it must not be sent."""
        self._number += 1
        effects = [{**asdict(replace(effect, fields={})), "fields": dict(effect.fields)} for effect in request.effects]
        self._append({"number": self._number, "request": f"{request.method} {request.path}", "effects": effects})
        return self._number

    def settle(self, number: int, *, fate: Fate, status: int, row: Id = 0) -> None:
        """Record what became of a write."""
        self._append({"number": number, "fate": fate, "status": status, "row": row})

    def take_lines(self) -> list[str]:
        """Return the lines since the last call, where they are sent along to a master on another machine."""
        lines, self._lines = self._lines, []
        return lines

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _append(self, values: dict[str, Any]) -> None:
        line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
        if self._stream.write(line) != len(line):
            raise OSError(f"{self._stream.name}: the disk took only a part of a line")
        if self._is_sent_along:
            self._lines.append(line.decode())


def fate_of(status: int) -> Fate:
    """Say what a status means for a write: a 4xx refused it; a 5xx or no answer (0) leaves open if it was done."""
    if 200 <= status < 300:
        return Fate.ACKNOWLEDGED
    return Fate.FAILED if 400 <= status < 500 else Fate.UNKNOWN


def read_ledgers(folder: Path) -> list[Write]:
    """Read every ledger file of a run, in the order of each file. A cut last line belongs to a killed process.

    Raises LoadTestError where a line is no ledger's.
    """
    return [write for path in sorted(folder.rglob("ledger-*.jsonl")) for write in _read_ledger(path)]


def phase_of(source: str) -> int:
    """Return when a ledger was written: 0 before the load, 1 in it, 2 after it."""
    return {"ledger-0": 0, "ledger-9": 2}.get("-".join(source.split("-")[:2]), 1)


def _read_ledger(path: Path) -> list[Write]:
    try:
        return _writes_of(path)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise LoadTestError(f"{path}: it is no write ledger of a load test ({type(error).__name__}: {error})") from None


def _writes_of(path: Path) -> list[Write]:
    writes: dict[int, Write] = {}
    for place, values in enumerate(_lines(path)):
        number = values["number"]
        if "effects" in values:
            effects = tuple(Effect(**effect) for effect in values["effects"])
            writes[number] = Write(
                number=number, effects=effects, request=values["request"], source=path.name, began=place
            )
        elif number in writes:
            settled = {"fate": Fate(values["fate"]), "status": values["status"], "row": values["row"]}
            writes[number] = replace(writes[number], **settled, ended=place)
    return list(writes.values())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue
