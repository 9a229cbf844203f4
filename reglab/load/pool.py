"""Pool of rows that one worker reads and writes during a run. Every one of them carries the run's id."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

Id = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that this worker wrote, and so is the only one to change. `key` is the one that it was made under."""

    id: Id
    key: str


@dataclass(slots=True, kw_only=True)
class Pool:
    """Rows to work on: `shared` lists of ids that were made before the load, and the worker's `own`.

    An own row is taken out while a request changes it, and put back afterwards.
    """

    run: str
    worker: str
    shared: dict[str, list[Id]] = field(default_factory=dict)
    own: dict[str, list[Row]] = field(default_factory=dict)
    made: int = 0

    def next_key(self) -> str:
        """Return a key that no other write of any run has; the row's content must hold it."""
        self.made += 1
        return f"{self.run}-{self.worker}-{self.made}"

    def choose(self, name: str, draw: Random) -> Any:
        """Return the id of one of the shared rows, by chance."""
        return draw.choice(self.shared[name])

    def take(self, name: str, draw: Random) -> Row | None:
        """Take one of the own rows out, by chance; None where there is none."""
        rows = self.own.get(name)
        return rows.pop(draw.randrange(len(rows))) if rows else None

    def put(self, name: str, row: Row) -> None:
        """Put a row into an own list."""
        self.own.setdefault(name, []).append(row)


class RehearsalPool(Pool):
    """A pool that has any row that it is asked for: for building requests that are never sent."""

    __slots__ = ()

    def choose(self, name: str, draw: Random) -> Any:  # noqa: ARG002  # one signature
        """Return an id."""
        return 1

    def take(self, name: str, draw: Random) -> Row | None:  # noqa: ARG002  # one signature
        """Return a row."""
        return Row(id=1, key=self.next_key())
