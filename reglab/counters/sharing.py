"""Counters that may share one execution of a scenario, and their nesting: a table for the runner."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One execution of a scenario and the counters around it, outermost first.

    `counters` are the counters' module names in reglab.counters; `warm_ups` are executions to discard before it.
    """

    name: str
    counters: tuple[str, ...]
    warm_ups: int


# The digest reads every table, and the oracle plans: both outside the rows, which would count it. The response is
# innermost, so that a streamed body is read while the others still count; the answers are taken from what it read.
_WORK: Final = ("digests", "index_oracle", "rows", "raw_statements", "queries", "answers", "response")
_PYTHON: Final = (
    Pass(name="calls", counters=("calls",), warm_ups=2),
    Pass(name="bytecodes", counters=("bytecodes",), warm_ups=2),
    Pass(name="memory", counters=("memory",), warm_ups=1),
)
_PASSES: Final = {
    "postgresql": (
        Pass(name="work", counters=_WORK, warm_ups=1),
        Pass(name="plans", counters=("plans",), warm_ups=1),
        *_PYTHON,
    ),
    "sqlite": (Pass(name="work", counters=_WORK, warm_ups=1), *_PYTHON),
}
# Any other database: what needs no knowledge of it.
_ELSEWHERE: Final = (Pass(name="work", counters=("queries", "answers", "response"), warm_ups=1), *_PYTHON)


def passes_for(vendor: str) -> tuple[Pass, ...]:
    """Return the passes of a database vendor ("postgresql", "sqlite", …), in the order in which to run them."""
    return _PASSES.get(vendor, _ELSEWHERE)
