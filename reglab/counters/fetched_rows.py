"""Counts the rows that statements hand to Python: what a page throws away, or adds up by itself, was fetched for it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakKeyDictionary

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.counters.queries import EVIDENCE_KEPT, QueryCounter, StatementGroup, text_of
from reglab.metrics import Shown
from reglab.project.data.driver import table_label
from reglab.project.statements import shape_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS_FETCHED: Final = CounterMetric(
    name="rows_fetched",
    unit="rows",
    meaning="rows that statements handed to Python, by the table that the statement reads first",
    shown=Shown.STATEMENTS,
    is_parted=True,
    is_zero_when_absent=True,
    is_of_statements=True,
    time_rank=2,
    unit_of_one="row",
)
_NO_TABLE: Final = "no table"
_WRITING: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


class FetchedRows:
    """Counts `rows_fetched`, by the table that the statement reads first. Evidence is the statement with its rows.

    Counted where rows leave Django's cursors, server-side ones included. Left out are the rows that a write returns,
    which Django's versions ask for in their own ways, and those of another thread's cursor, or of one that stood open
    before: they belong to no statement.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, queries: QueryCounter) -> None:
        self._connections = {connection.alias: connection for connection in connections}
        self._queries = queries
        self._statements: WeakKeyDictionary[Any, tuple[str, str]] = WeakKeyDictionary()
        # Rows by alias and text of the statement.
        self._rows: Tally[tuple[str, str]] = Tally()
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        for connection in self._connections.values():
            self._undo.enter_context(connection.execute_wrapper(self._sent))
        self._undo.enter_context(_fetches_noted(self._fetched))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a table, sorted; none where nothing was fetched."""
        fetched: Tally[tuple[str, str]] = Tally()
        for (alias, sql), rows in self._rows.items():
            fetched[alias, shape_of(sql).fingerprint] += rows
        parts: dict[str, list[tuple[int, StatementGroup]]] = {}
        for group in self._queries.groups():
            rows = fetched[group.alias, group.shape.fingerprint]
            if rows and group.shape.verb not in _WRITING:
                table = group.shape.leading_table or _NO_TABLE
                parts.setdefault(table_label(self._connections[group.alias], table), []).append((rows, group))
        return tuple(
            Measurement(
                metric=ROWS_FETCHED,
                part=part,
                values=(sum(rows for rows, _ in found),),
                evidence=tuple(_evidence(group, rows) for rows, group in _most_first(found)[:EVIDENCE_KEPT]),
            )
            for part, found in sorted(parts.items())
        )

    def _sent(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        connection = context["connection"]
        self._statements[context["cursor"]] = (connection.alias, text_of(sql, connection))
        return execute(sql, parameters, many, context)

    def _fetched(self, cursor: Any, rows: int) -> None:
        statement = self._statements.get(cursor)
        if statement is not None:
            self._rows[statement] += rows


def _most_first(found: Sequence[tuple[int, StatementGroup]]) -> list[tuple[int, StatementGroup]]:
    return sorted(found, key=lambda one: -one[0])


def _evidence(group: StatementGroup, rows: int) -> Evidence:
    """Return the statement with its rows for a count; the line that decides which rows it reads comes first."""
    evidence, line = replace(group.evidence(), count=rows), group.shaped_at or group.built_at
    if not line or line == evidence.source:
        return evidence
    return replace(evidence, source=line, frames=(evidence.source, *evidence.frames))


@contextmanager
def _fetches_noted(note: Callable[[Any, int], None]) -> Iterator[None]:
    """Tell of each row that leaves a cursor of Django: it has no methods for them, only its driver's."""
    from django.db.backends.utils import CursorWrapper

    def of_several(name: str) -> Callable[..., Any]:
        before = getattr(CursorWrapper, name, None)

        def fetched(cursor: Any, *arguments: Any, **named: Any) -> Any:
            rows = before(cursor, *arguments, **named) if before else cursor.__getattr__(name)(*arguments, **named)
            note(cursor, len(rows))
            return rows

        return fetched

    def of_one() -> Callable[..., Any]:
        before = getattr(CursorWrapper, "fetchone", None)

        def fetched(cursor: Any) -> Any:
            row = before(cursor) if before else cursor.__getattr__("fetchone")()
            note(cursor, 0 if row is None else 1)
            return row

        return fetched

    iterate = CursorWrapper.__iter__

    def iterated(cursor: Any) -> Iterator[Any]:
        for row in iterate(cursor):
            note(cursor, 1)
            yield row

    methods = {
        "fetchone": of_one(),
        "fetchmany": of_several("fetchmany"),
        "fetchall": of_several("fetchall"),
        "__iter__": iterated,
    }
    own = {name: method for name, method in vars(CursorWrapper).items() if name in methods}
    for name, method in methods.items():
        setattr(CursorWrapper, name, method)
    try:
        yield
    finally:
        for name in methods:
            if name in own:
                setattr(CursorWrapper, name, own[name])
            else:
                delattr(CursorWrapper, name)


COUNTER: Final = Definition(
    metrics=(ROWS_FETCHED,),
    layer=Layer.STATEMENTS,
    make=lambda execution: FetchedRows(execution.connections, queries=execution.queries),
)
