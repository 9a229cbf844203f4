"""The counters of each execution: the table of reglab.counters.sharing, brought to life."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.http.response import HttpResponseBase

from reglab.counters.answers import AnswerCounter
from reglab.counters.bytecodes import BytecodeCounter
from reglab.counters.calls import CallCounter
from reglab.counters.counts import Counter
from reglab.counters.digests import DigestCounter
from reglab.counters.memory import MemoryCounter
from reglab.counters.plans import PlanCounter
from reglab.counters.queries import QueryCounter
from reglab.counters.raw_statements import RawStatementCounter
from reglab.counters.response import ResponseCounter
from reglab.counters.rows import RowCounter
from reglab.counters.scans.oracle import IndexOracle
from reglab.counters.sharing import Pass, passes_for
from reglab.project.source_lines import ProjectFrames

# What each module of counters counts, so that a pass whose every metric is left out is not run at all.
METRICS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "plans": ("blocks_read", "plan_rows"),
    "calls": ("python_calls", "c_calls"),
    "bytecodes": ("bytecodes",),
    "memory": ("peak_memory_bytes",),
}


class Depth(IntEnum):
    """How much is counted at a point: what the database does everywhere, Python's own work along one axis alone."""

    DATABASE = 0
    PYTHON = 1
    MEMORY = 2


DEPTHS: Final[Mapping[str, Depth]] = {"calls": Depth.PYTHON, "bytecodes": Depth.PYTHON, "memory": Depth.MEMORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPass:
    """One execution to come: the counters around it, outermost first, and where they find the responses."""

    name: str
    counters: tuple[Counter, ...]
    responses: list[HttpResponseBase]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the counters say that they could not see."""
        return tuple(
            sentence
            for counter in self.counters
            for sentence in (
                *getattr(counter, "not_seen", ()),
                *(f"{text}: {reason}" for text, reason in getattr(counter, "unexplained", ())),
            )
        )


def counted_passes(
    connections: Sequence[BaseDatabaseWrapper], *, frames: ProjectFrames, without: set[str], depth: Depth
) -> Iterator[CountedPass]:
    """Give fresh counters for each pass of the default database's vendor, but those whose metrics are left out."""
    for one in passes_for(connections[0].vendor):
        metrics = {metric for name in one.counters for metric in METRICS_OF.get(name, ("always",))}
        if not metrics <= without and DEPTHS.get(one.name, Depth.DATABASE) <= depth:
            yield _brought_to_life(one, connections, frames)


def _brought_to_life(one: Pass, connections: Sequence[BaseDatabaseWrapper], frames: ProjectFrames) -> CountedPass:
    responses: list[HttpResponseBase] = []
    queries = QueryCounter(connections, frames=frames)
    makers: Mapping[str, Callable[[], Any]] = {
        "digests": lambda: DigestCounter(connections, queries=queries),
        "index_oracle": lambda: IndexOracle(connections, queries=queries),
        "rows": lambda: RowCounter(connections, queries=queries),
        "raw_statements": lambda: RawStatementCounter(connections, frames=frames),
        "queries": lambda: queries,
        "answers": lambda: AnswerCounter(responses),
        "response": lambda: ResponseCounter(responses),
        "plans": lambda: PlanCounter(connections, frames=frames),
        "calls": lambda: CallCounter(frames=frames),
        "bytecodes": lambda: BytecodeCounter(frames=frames),
        "memory": MemoryCounter,
    }
    return CountedPass(name=one.name, counters=tuple(makers[name]() for name in one.counters), responses=responses)
