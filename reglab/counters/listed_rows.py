"""Counts what is wrong with lists of rows: an order with ties, rows that come several times, more rows than before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from unittest import mock

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
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
ROWS_ASKED: Final = CounterMetric(
    name="rows_asked",
    unit="rows",
    meaning="rows that a page, or the LIMIT of a list, may have at most, by table, whatever the table holds",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    is_of_statements=True,
    unit_of_one="row",
)
# So many Django reads to say that there is more than one row: no list.
_ONE_ROW: Final = 21
_LIMIT: Final = re.compile(r"\b(?:LIMIT|FETCH FIRST) (\d+)")


class ListedRows:
    """Counts `unstable_pages`, by table and order, `repeated_rows`, by the two tables, `unordered_locks`, `rows_asked`.

    Evidence is the statement, with the line that decided on its rows and their order. Only what Django's ORM reads is
    known; the order of its rows, and what can repeat, is taken from the query and the models, not from the data.
    """

    def __init__(self, *, queries: QueryCounter) -> None:
        self._queries = queries
        self._page_sizes: dict[str, int] = {}
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        from django.core.paginator import Paginator  # whoever reads a record needs no Django

        made = Paginator.__init__

        def noted(paginator: Any, object_list: Any, per_page: Any, *given: Any, **named: Any) -> None:
            made(paginator, object_list, per_page, *given, **named)
            # A page is cut at the number of rows that there are: its LIMIT says nothing of how long it may be.
            model = getattr(object_list, "model", None)
            if model is not None and isinstance(paginator.per_page, int):
                table = model._meta.db_table  # noqa: SLF001  # Django's public name for it
                self._page_sizes[table] = max(paginator.per_page, self._page_sizes.get(table, 0))

        self._undo.enter_context(mock.patch.object(Paginator, "__init__", noted))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a table and order, and one a join, sorted; none where every list is right."""
        return (
            *self._of(UNSTABLE_PAGES, lambda group: group.unstable_order),
            *self._of(REPEATED_ROWS, lambda group: group.repeating_join),
            *self._of(UNORDERED_LOCKS, lambda group: group.unordered_lock),
            *self._asked(),
        )

    def _of(self, metric: CounterMetric, part_of: Callable[[StatementGroup], str]) -> Iterator[Measurement]:
        parts: dict[str, list[StatementGroup]] = {}
        for group in self._queries.groups():
            if part := part_of(group):
                parts.setdefault(part, []).append(group)
        for part, groups in sorted(parts.items()):
            evidence = tuple(group.evidence_of_rows() for group in groups)
            yield Measurement(metric=metric, part=part, values=(len(groups),), evidence=evidence)

    def _asked(self) -> Iterator[Measurement]:
        """Yield by table how long a page may be, and how many rows the statements beside it may read."""
        limits: dict[str, list[tuple[int, StatementGroup]]] = {}
        read: dict[str, list[StatementGroup]] = {}
        for group in self._queries.groups():
            table = group.shape.leading_table
            limit = max((int(number) for number in _LIMIT.findall(group.sql)), default=0)
            if limit > max(_ONE_ROW, self._page_sizes.get(table, 0)):
                limits.setdefault(table, []).append((limit, group))
            read.setdefault(table, []).append(group)
        for table, size in sorted(self._page_sizes.items()):
            evidence = tuple(group.evidence_of_rows() for group in read.get(table, []))
            yield Measurement(metric=ROWS_ASKED, part=f"a page of {table}", values=(size,), evidence=evidence)
        for table, found in sorted(limits.items()):
            most_first = sorted(found, key=lambda one: -one[0])
            evidence = tuple(group.evidence_of_rows() for _, group in most_first)
            yield Measurement(metric=ROWS_ASKED, part=table, values=(sum(one for one, _ in found),), evidence=evidence)


COUNTER: Final = Definition(
    metrics=(UNSTABLE_PAGES, REPEATED_ROWS, UNORDERED_LOCKS, ROWS_ASKED),
    layer=Layer.PLANNER,
    make=lambda execution: ListedRows(queries=execution.queries),
)
