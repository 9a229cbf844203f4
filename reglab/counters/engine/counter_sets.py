"""Sets of counters that share one execution of a scenario, made from the counters' own definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reglab.counters.engine.definition import CountedExecution, Counter, Definition, Depth
from reglab.counters.engine.registry import definitions
from reglab.report.records import Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.http.response import HttpResponseBase

    from reglab.project.source_lines import ProjectFrames

SHARED: Final = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSet:
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


def counter_sets(
    connections: Sequence[BaseDatabaseWrapper], *, frames: ProjectFrames, without: set[str], depth: Depth
) -> Iterator[CounterSet]:
    """Give fresh counters for each execution on the default database: the shared one, then one a slow counter."""
    for name, members in planned(connections[0].vendor, without=without, depth=depth):
        responses: list[HttpResponseBase] = []
        execution = CountedExecution(connections=tuple(connections), frames=frames, responses=responses)
        counters = tuple(one.make(execution) for one in members if one.make)
        yield CounterSet(name=name, counters=counters, responses=responses)


def planned(vendor: str, *, without: set[str], depth: Depth) -> Iterator[tuple[str, tuple[Definition, ...]]]:
    """Give the executions that a database's vendor ("postgresql", …) takes, by name, each with its counters.

    The shared one is always made: several of its counters ask one another. A counter of its own execution is left out
    with all its metrics.
    """
    known = {name: one for name, one in definitions().items() if one.make and one.knows(vendor)}
    shared = [one for one in known.values() if one.layer is not None]
    yield SHARED, tuple(sorted(shared, key=lambda one: one.layer or 0))
    alone = [(name, one) for name, one in known.items() if one.layer is None]
    # Calls before bytecodes: what a counter of few events leaves warm, one of many events then finds so.
    for name, one in sorted(alone, key=lambda item: (item[1].depth, item[1].metrics[0].time_rank)):
        if one.is_wanted(without=without, depth=depth):
            yield name, (one,)


def repeated(
    execute: Callable[[], object], *, frames: ProjectFrames, without: set[str], depth: Depth
) -> Iterator[Measurement]:
    """Give what the counters find that execute a scenario again and again themselves."""
    for one in definitions().values():
        if one.repeat and one.is_wanted(without=without, depth=depth):
            yield one.repeat(execute, frames)
