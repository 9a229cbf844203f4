"""Budgets of queries: a block, a test or a method sends so many and no more, and a failure shows each with its line."""

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from django.db import connections

from reglab.config.nearest_word import nearest
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from reglab.testing import blocks
from reglab.testing.blocks import Block, told_call
from reglab.testing.counted import listed

_ON_THE_WAY: Final = frozenset({__file__, contextlib.__file__, blocks.__file__})
_OPTIONS: Final = ("exactly", "at_most", "using", "info")


class BudgetExceededError(AssertionError):
    """A block sent another number of queries than its budget says."""


def query_budget(
    exactly: int | None = None,
    *,
    at_most: int | None = None,
    using: str | None = None,
    info: str = "",
    base: Path | None = None,
    **unknown: object,
) -> Block[QueryCounter]:
    """Count the queries of the block, or of the function: exactly so many, or at most. Transaction control is left out.

    `using` counts one alias alone; `info` begins the message; `base` is the folder that source lines are relative to.
    The block raises BudgetExceededError, with every query and its lines; also where another thread sent statements
    meanwhile, which are nobody's to count. Raises TypeError for a budget that is none.
    """
    for name in unknown:
        raise TypeError(f"query_budget takes no {name!r}{nearest(name, _OPTIONS)}")
    _refuse_no_budget(exactly, at_most)
    if using is not None and using not in list(connections):
        raise TypeError(f"no database alias is called {using!r}{nearest(str(using), list(connections))}")
    given = () if exactly is None else (exactly,)
    return Block(
        lambda: _counted(exactly, at_most=at_most, using=using, info=info, base=base),
        told=told_call("query_budget", *given, at_most=at_most, using=using, info=info),
    )


@contextmanager
def _counted(
    exactly: int | None, *, at_most: int | None, using: str | None, info: str, base: Path | None
) -> Iterator[QueryCounter]:
    chosen = [connections[using]] if using is not None else connections.all()
    counter = QueryCounter(chosen, frames=_frames_of(base or Path.cwd()).below(_frame_of_caller()))
    with counter:
        yield counter
    if strangers := counter.of_other_threads:
        raise BudgetExceededError(
            f"{_begun(info)}{len(strangers)} statements were sent from another thread, where no budget can follow them "
            f"(async code sends its own so, too); the first, from {strangers[0][0]}:\n  {strangers[0][1]}\n"
            "Call the code in the test's own thread, with asgiref.sync.async_to_sync where it is async."
        )
    sent = counter.queries
    # In the order that inline-snapshot understands: what was found, then what is expected.
    is_kept = sent == exactly if at_most is None else sent <= at_most
    if not is_kept:
        found = next(count for count in counter.counts() if count.metric.name == "queries")
        expected = f"exactly {exactly}" if at_most is None else f"at most {at_most}"
        raise BudgetExceededError(f"{_begun(info)}expected {expected} queries, found {sent}:\n{listed(found.evidence)}")


@lru_cache(maxsize=8)
def _frames_of(base: Path) -> ProjectFrames:
    """Keep what is known of the files below a folder: to find it out anew costs more than a query."""
    return ProjectFrames(base=base)


def _refuse_no_budget(exactly: int | None, at_most: int | None) -> None:
    number = exactly if at_most is None else at_most
    if (exactly is None) == (at_most is None):
        raise TypeError("query_budget takes one number: query_budget(3) or query_budget(at_most=3)")
    if _is_snapshot(number):
        return
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise TypeError(f"a budget is a number of queries, 0 or more, not {number!r}")


def _is_snapshot(number: object) -> bool:
    """Tell whether inline-snapshot is about to write the number down: it then stands for any."""
    return type(number).__module__.partition(".")[0] == "inline_snapshot"


def _begun(info: str) -> str:
    return f"{info}: " if info else ""


def _frame_of_caller() -> FrameType | None:
    """Return the frame that entered the block: what stands above it, as a test runner, sent nothing."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
    while frame is not None and frame.f_code.co_filename in _ON_THE_WAY:
        frame = frame.f_back
    return frame


class QueryBudgetMixin:
    """Adds `assertQueryBudget` to a TestCase: the same budget, for tests in Django's own style."""

    def assertQueryBudget(  # noqa: N802  # as Django's own assertions are named
        self, exactly: int | None = None, **options: Any
    ) -> Block[QueryCounter]:
        """Return the block that sends exactly, or at most, so many queries; options are those of `query_budget`."""
        return query_budget(exactly, **options)
