"""Declaration of a work counter: all that the rest of the harness knows of it stands in the counter's own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self

from reglab.metrics import Metric

if TYPE_CHECKING:
    from types import TracebackType

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.http.response import HttpResponseBase

    from reglab.counters.queries import QueryCounter
    from reglab.project.source_lines import ProjectFrames
    from reglab.report.records import Measurement


class Kept(StrEnum):
    """The part of the ledger that a metric's accepted values stand in: what they depend on beside code and data."""

    DATABASE = "database"
    SERVER = "server"  # the planner and the page layout of one major version
    INTERPRETER = "interpreter"  # Python and Django
    NOWHERE = "nowhere"


class Held(StrEnum):
    """The axes of the data along which a metric must not grow."""

    NOWHERE = "nowhere"
    EVERY_AXIS = "every axis"
    UNRELATED_ROWS = "unrelated rows"  # those that no scenario asks for


class Depth(IntEnum):
    """How much is counted at one size of the data: Python's own work is slow to count, its memory slower still."""

    DATABASE = 0
    PYTHON = 1
    MEMORY = 2


class Layer(IntEnum):
    """The place of a counter among those that share one execution, outermost first.

    What reads whole tables, or asks the planner, stands outside of what would count it. Bodies are innermost: a
    streamed one is read while the others still count, and answers are taken from what was read.
    """

    CONTENT = 0
    PLANNER = 1
    ROWS = 2
    DRIVER = 3
    STATEMENTS = 4
    ANSWERS = 5
    BODIES = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CounterMetric(Metric):
    """A metric that a counter takes, with what ledger, growth law and comparison have to know of it.

    `unrecorded_parts` have no line in a record. `is_parted`: counted by table or field, and a part that does not occur
    is 0; `is_zero_when_absent`: where no part occurs, a single 0 is recorded, so that there is something to judge.
    `is_held_on_both_sides`: a part is judged only where it was accepted and is there.
    `can_grow` is false for what is no amount. `growth_evidence` names the metrics that explain its growth, itself
    where it is empty. `has_statements`: its evidence are the statements that the ledger keeps. `is_of_statements`: its
    evidence are statements, ranked by what the accepted ones lack.
    `time_rank` orders the metrics that explain time (0: it explains none); a difference below `noise_fraction` of the
    value explains nothing. `unit_of_one` is the unit of a single one.
    """

    kept: Kept = Kept.DATABASE
    unrecorded_parts: frozenset[str] = frozenset()
    is_parted: bool = False
    is_zero_when_absent: bool = False
    is_held_on_both_sides: bool = False
    can_grow: bool = True
    held: Held = Held.NOWHERE
    growth_evidence: tuple[Metric, ...] = ()
    has_statements: bool = False
    is_of_statements: bool = False
    time_rank: int = 0
    noise_fraction: float = 0.0
    unit_of_one: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether its values stand in the ledger."""
        return self.kept is not Kept.NOWHERE


class Counter(Protocol):
    """A context manager around one execution of a scenario; `counts()` is read after it was left."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def counts(self) -> tuple[Measurement, ...]:
        """Return what was counted between entering and leaving: one value a measurement."""
        ...


@dataclass(frozen=True, kw_only=True)
class CountedExecution:
    """What a counter may look at in one execution. `responses` is empty until the requests have been answered."""

    connections: tuple[BaseDatabaseWrapper, ...]
    frames: ProjectFrames
    responses: list[HttpResponseBase]

    @cached_property
    def queries(self) -> QueryCounter:
        """The execution's one counter of statements, which others ask for the statements behind their numbers."""
        from reglab.counters.queries import QueryCounter

        return QueryCounter(self.connections, frames=self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One counter. It stands as `COUNTER` in its own file, which imports no Django before it counts.

    `make` gives a fresh counter for an execution. `layer` is its place in the execution that it shares with others;
    without one it has an execution to itself. `vendors` are the databases that it knows, all where it is empty.
    Instead of `make`, `repeat` executes the scenario itself, as often as it needs to.
    """

    metrics: tuple[CounterMetric, ...]
    make: Callable[[CountedExecution], Counter] | None = None
    repeat: Callable[[Callable[[], object], ProjectFrames], Measurement] | None = None
    layer: Layer | None = None
    depth: Depth = Depth.DATABASE
    vendors: frozenset[str] = frozenset()

    def knows(self, vendor: str) -> bool:
        """Return whether it can count on a database of this vendor ("postgresql", "sqlite", …)."""
        return not self.vendors or vendor in self.vendors

    def is_wanted(self, *, without: set[str], depth: Depth) -> bool:
        """Return whether any of its metrics is asked for, and it is not too slow for this depth."""
        return self.depth <= depth and not {metric.name for metric in self.metrics} <= without
