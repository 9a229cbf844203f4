"""Counts statements that cut a page out of rows whose order leaves ties: pages then skip rows and repeat others."""

from __future__ import annotations

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
)


class PageOrder:
    """Counts `unstable_pages`, by table and order. Evidence is the statement, at the line that built its queryset.

    Only what Django's ORM reads is known; the order of its rows is taken from the model, not from the data.
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
        """Return one count a table and order, sorted; none where every page has an order of its own."""
        parts: dict[str, list[StatementGroup]] = {}
        for group in self._queries.groups():
            if group.unstable_order:
                parts.setdefault(group.unstable_order, []).append(group)
        return tuple(
            Measurement(
                metric=UNSTABLE_PAGES,
                part=part,
                values=(len(groups),),
                evidence=tuple(group.evidence() for group in groups),
            )
            for part, groups in sorted(parts.items())
        )


COUNTER: Final = Definition(
    metrics=(UNSTABLE_PAGES,),
    layer=Layer.PLANNER,
    make=lambda execution: PageOrder(queries=execution.queries),
)
