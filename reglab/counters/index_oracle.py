"""Predicates that no index serves: the planner is asked when it may not scan tables, so that twenty rows suffice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Kept, Layer
from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.counters.scans.postgres import PostgresExplainer
from reglab.counters.scans.sqlite import SqliteExplainer
from reglab.counters.scans.unserved import Scan
from reglab.project.data.driver import Recovery, is_postgres, is_sqlite, table_label
from reglab.report.records import Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

UNINDEXED_SCANS: Final = CounterMetric(
    name="unindexed_scans",
    unit="scans",
    meaning="sequential scans that stay when the planner may not use them",
    kept=Kept.SERVER,
    is_parted=True,
    is_zero_when_absent=True,
    time_rank=6,
    unit_of_one="scan without an index",
)

_VERBS: Final = frozenset({"SELECT", "UPDATE", "DELETE"})


class IndexOracle:
    """Counts `unindexed_scans`: statements with a predicate that no index can serve, by table and columns.

    Each distinct SELECT, UPDATE and DELETE of a query counter is explained once with its real parameters, after the
    block. Unserved is a sequential scan that stays although the planner may not use one, and equally a walk over an
    index that the predicate does not enter by its leading column, even where a LIMIT may end the walk early: how far
    it goes depends on the data. Reading a whole table without a predicate, or with flags alone, has a part of its own.
    The value is the number of distinct statements.
    PostgreSQL: before a predicate counts, the planner must fail on it again at a million rows (for a superuser, who
    may tell it so). SQLite: EXPLAIN QUERY PLAN. `unexplained` are statements that could not be explained, with the
    reason. Put it around the query counter and outside the row counter.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, queries: QueryCounter) -> None:
        self.unexplained: tuple[tuple[str, str], ...] = ()
        self._connections = {connection.alias: connection for connection in connections}
        self._queries = queries
        self._recoveries = [Recovery(connection, name="oracle") for connection in self._connections.values()]
        self._found: list[tuple[StatementGroup, Scan]] = []

    def __enter__(self) -> Self:
        for recovery in self._recoveries:
            recovery.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for recovery in self._recoveries:
            recovery.end()
        unexplained: list[tuple[str, str]] = []
        self._found = []
        for alias, connection in self._connections.items():
            explain = _explainer(connection)
            for group in self._queries.groups():
                if explain and group.alias == alias and group.shape.verb in _VERBS:
                    try:
                        self._found.extend((group, scan) for scan in explain.scans(group))
                    except explain.error as problem:
                        unexplained.append((group.shape.text, str(problem).splitlines()[0]))
        self.unexplained = tuple(unexplained)

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a table and set of columns, sorted; none where every predicate is served."""
        parts: dict[str, list[tuple[StatementGroup, Scan]]] = {}
        for group, scan in self._found:
            table = table_label(self._connections[group.alias], scan.table)
            parts.setdefault(replace(scan, table=table).part, []).append((group, scan))
        return tuple(
            Measurement(
                metric=UNINDEXED_SCANS,
                part=part,
                values=(len({group.shape.fingerprint for group, _ in found}),),
                evidence=tuple(scan.evidence(group) for group, scan in found),
            )
            for part, found in sorted(parts.items())
        )


def _explainer(connection: BaseDatabaseWrapper) -> PostgresExplainer | SqliteExplainer | None:
    if is_postgres(connection):
        return PostgresExplainer(connection)
    return SqliteExplainer(connection) if is_sqlite(connection) else None


COUNTER: Final = Definition(
    metrics=(UNINDEXED_SCANS,),
    layer=Layer.PLANNER,
    vendors=frozenset({"postgresql", "sqlite"}),
    make=lambda execution: IndexOracle(execution.connections, queries=execution.queries),
)
