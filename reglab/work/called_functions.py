"""Functions of the project that are called most, and those that are called more often than was accepted."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from reglab.counters.calls import PYTHON_CALLS
from reglab.report.records import Evidence
from reglab.work.counter_table import Table

KEPT: Final = 12
_LINE: Final = re.compile(r":\d+(?= in )")


def called_most(table: Table) -> dict[str, int]:
    """Return how often each function was entered, if twice, at the variant with the most calls, by file and name."""
    cells = table.get((PYTHON_CALLS, ""), {}).values()
    largest = max(cells, key=lambda cell: cell.value, default=None)
    evidence = largest.evidence if largest is not None else ()
    return {function_of(one): one.count for one in evidence[:KEPT] if one.count > 1}


def called_more(table: Table, accepted: Mapping[str, int]) -> tuple[str, ...]:
    """Return the functions that are entered more often than accepted, by how much; none where nothing was accepted.

    One that was not among those that were kept was entered at most as often as the last of these, or once.
    """
    if not accepted:
        return ()
    least = min(accepted.values()) if len(accepted) == KEPT else 1
    surplus = {name: count - accepted.get(name, least) for name, count in called_most(table).items()}
    return tuple(name for name in sorted(surplus, key=lambda name: -surplus[name]) if surplus[name] > 0)


def put_first(evidence: Sequence[Evidence], names: Sequence[str]) -> tuple[Evidence, ...]:
    """Put these functions first, in their order, and leave the others in theirs."""
    places = {name: place for place, name in enumerate(names)}
    return tuple(sorted(evidence, key=lambda one: places.get(function_of(one), len(places))))


def function_of(evidence: Evidence) -> str:
    """Name a function so that a line before it moves nothing: "shop/views.py in summary"."""
    return _LINE.sub("", evidence.source)
