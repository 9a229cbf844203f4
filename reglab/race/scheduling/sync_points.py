"""Actions that a request is about to do at the database: the moments at which a race can stop it."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reglab.project.source_lines import Mark
from reglab.project.statements import shape_of

_ROW_LOCK: Final = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)


class Kind(StrEnum):
    """What an action does, as a schedule says it."""

    READ = "reads"
    LOCK = "locks"
    WRITE = "writes"
    CONTROL = "marks"
    COMMIT = "commits"
    ROLLBACK = "rolls back"


_STOPPED: Final = {Kind.LOCK: "row lock", Kind.WRITE: "write", Kind.COMMIT: "commit"}
_READER_STOPS_MAX: Final = 4
_ORDINALS: Final = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One statement, or the end of a transaction, with the project's lines that caused it (innermost first).

    `commits_itself` is a statement outside of any transaction: what it writes is there for all to see at once.
    """

    kind: Kind
    text: str
    tables: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    commits_itself: bool = False

    @property
    def publishes(self) -> bool:
        """Whether others see the writes of the request from here on."""
        return self.kind is Kind.COMMIT or (self.commits_itself and self.kind is Kind.WRITE)


def action_of(sql: str, *, marks: tuple[Mark, ...], commits_itself: bool) -> Action:
    """Tell what a statement does, from its text alone. A lock that a SELECT takes by a function is a read here."""
    shape = shape_of(sql)
    written = tuple(sorted({table for table, _ in shape.writes}))
    kind = Kind.WRITE if written else Kind.LOCK if _ROW_LOCK.search(shape.text) else Kind.READ
    return Action(
        kind=Kind.CONTROL if shape.is_transaction_control else kind,
        text=shape.text,
        tables=shape.tables,
        written=written,
        marks=marks,
        commits_itself=commits_itself,
    )


def stops_of(trace: tuple[Action, ...]) -> dict[int, str]:
    """Return before which actions of a request a race stops it, by index, and what each moment is called.

    Before each row lock, each write and each commit, and before whatever comes after writes that others can see: the
    places where a request has looked at rows that somebody else may change before it goes on.
    """
    found: dict[int, str] = {}
    counts: Counter[Kind] = Counter()
    for number, action in enumerate(trace):
        if action.kind in _STOPPED:
            counts[action.kind] += 1
            found[number] = (
                f"its {_ORDINALS.get(counts[action.kind], f'{counts[action.kind]}th')} {_STOPPED[action.kind]}"
            )
        elif number and trace[number - 1].publishes:
            found[number] = "what follows its commit"
    # Stopped before it has done anything, it would simply come second.
    found.pop(0, None)
    return found


def stops_of_reader(trace: tuple[Action, ...], written: frozenset[str]) -> dict[int, str]:
    """Return before which reads a request that only reads is stopped, while another writes the `written` tables.

    What it has read by then may be gone at the next read.
    """
    found: dict[int, str] = {}
    for number, action in enumerate(trace):
        has_read = any(written.intersection(before.tables) for before in trace[:number])
        if has_read and action.kind in {Kind.READ, Kind.LOCK} and len(found) < _READER_STOPS_MAX:
            found[number] = f"its {_ORDINALS.get(number + 1, f'{number + 1}th')} read"
    return found
