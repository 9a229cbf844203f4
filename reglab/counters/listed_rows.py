"""Counts statements whose rows come, or are locked, in an order with ties, and those that give a row several times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reglab.counters.definition import CounterMetric, Definition, Layer
from reglab.report.records import Measurement

if TYPE_CHECKING:
    from reglab.counters.queries import QueryCounter, StatementGroup

UNSTABLE_PAGES: Final = CounterMetric(
    name="unstable_pages",
    unit="statements",
    meaning="statements that read a part of rows in an order that leaves ties",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="page in an order with ties",
    told_as="pages of {table} in {order}",
)
REPEATED_ROWS: Final = CounterMetric(
    name="repeated_rows",
    unit="statements",
    meaning="statements that read or count rows by a join that can give one row several times",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="read that can give a row several times",
)
UNORDERED_LOCKS: Final = CounterMetric(
    name="unordered_locks",
    unit="statements",
    meaning="statements that lock several rows in an order that leaves ties",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="lock of several rows in an order with ties",
    told_as="rows of {table} are locked in {order}",
)


class ListedRows:
    """Counts `unstable_pages`, by table and order, `repeated_rows`, by the two tables, and `unordered_locks`.

    Evidence is the statement, with the line that decided on its rows and their order. Only what Django's ORM reads is
    known; the order of its rows, and what can repeat, is taken from the query and the models, not from the data.
    """

    def __init__(self, *, queries: QueryCounter) -> None:
        self._queries = queries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a table and order, and one a join, sorted; none where every list is right."""
        return (
            *self._of(UNSTABLE_PAGES, lambda group: group.unstable_order),
            *self._of(REPEATED_ROWS, lambda group: group.repeating_join),
            *self._of(UNORDERED_LOCKS, lambda group: group.unordered_lock),
        )

    def _of(self, metric: CounterMetric, part_of: Callable[[StatementGroup], str]) -> Iterator[Measurement]:
        parts: dict[str, list[StatementGroup]] = {}
        for group in self._queries.groups():
            if part := part_of(group):
                parts.setdefault(part, []).append(group)
        for part, groups in sorted(parts.items()):
            evidence = tuple(group.evidence_of_rows() for group in groups)
            yield Measurement(metric=metric, part=part, values=(len(groups),), evidence=evidence)


COUNTER: Final = Definition(
    metrics=(UNSTABLE_PAGES, REPEATED_ROWS, UNORDERED_LOCKS),
    layer=Layer.PLANNER,
    make=lambda execution: ListedRows(queries=execution.queries),
)
