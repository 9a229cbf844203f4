"""Rows read by table and kind of scan, and rows written by table and verb, triggers and rolled-back work included."""

from __future__ import annotations

import sqlite3
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Held, Kept, Layer
from reglab.counters.engine.writers import Trigger, triggers_of, writers
from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.plans import PLAN_ROWS
from reglab.counters.queries import EVIDENCE_KEPT, QueryCounter
from reglab.metrics import Shown
from reglab.project.data.driver import (
    SQLITE_TABLES,
    CounterError,
    Recovery,
    fetch,
    is_postgres,
    is_sqlite,
    table_label,
)
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS_READ: Final = CounterMetric(
    name="rows_read",
    unit="rows",
    meaning="rows that scans returned, by table and kind of scan",
    kept=Kept.SERVER,
    is_parted=True,
    held=Held.UNRELATED_ROWS,
    growth_evidence=(UNINDEXED_SCANS, PLAN_ROWS),
    is_of_statements=True,
    time_rank=2,
)
ROWS_WRITTEN: Final = CounterMetric(
    name="rows_written",
    unit="rows",
    meaning="rows inserted, updated or deleted, by table and verb, triggers included",
    shown=Shown.WRITES,
    is_parted=True,
    is_zero_when_absent=True,
    time_rank=3,
)

# What this transaction did, subtransactions that were rolled back included; not yet visible to anybody else.
_STATISTICS: Final = """
    SELECT CASE WHEN pg_table_is_visible(relid) THEN relname::text ELSE schemaname || '.' || relname END,
           seq_tup_read, coalesce(idx_tup_fetch, 0), n_tup_ins, n_tup_upd, n_tup_del
    FROM pg_stat_xact_user_tables
    WHERE schemaname !~ '^pg_temp'
"""
_KINDS: Final = ("seq", "index", "insert", "update", "delete")
_READS: Final = frozenset({"seq", "index"})
_FUNCTION: Final = "bench_row_written"

Rows = Tally[tuple[str, str]]


class RowCounter:
    """Counts `rows_read` ("shop_order seq", "shop_order index") and `rows_written` ("shop_order update").

    PostgreSQL: the transaction's own statistics. Writes are the attempted ones: those of triggers, and those that a
    savepoint took back. Index-only scans are switched off meanwhile, because whether one must visit the table depends
    on when it was vacuumed; their rows then count as read by an index. TRUNCATE does not count here: it shows in the
    digest. SQLite: a temporary trigger a table and verb; it does not tell rows read, and a row that INSERT OR REPLACE
    pushes out is not a delete. Runs inside `atomic()`. Put it inside the digest, whose own reading would count.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, queries: QueryCounter | None = None) -> None:
        self._readers = [_reader(connection) for connection in connections]
        self._queries = queries
        self._rows: list[tuple[BaseDatabaseWrapper, Rows, tuple[Trigger, ...]]] = []

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            for reader in self._readers:
                reader.begin()
                undo.callback(reader.end)
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows = []
        for reader in reversed(self._readers):
            rows = reader.end()
            has_writes = any(kind not in _READS for _, kind in rows)
            self._rows.append((reader.connection, rows, triggers_of(reader.connection) if has_writes else ()))

    def counts(self) -> tuple[Measurement, ...]:
        """Return the rows by part, sorted; a part that saw no row is left out."""
        found = [
            self._count(connection, triggers, table=table, kind=kind, value=value)
            for connection, rows, triggers in self._rows
            for (table, kind), value in rows.items()
        ]
        return tuple(sorted(found, key=lambda count: (count.metric.name, count.part)))

    def _count(
        self, connection: BaseDatabaseWrapper, triggers: tuple[Trigger, ...], *, table: str, kind: str, value: int
    ) -> Measurement:
        part = f"{table_label(connection, table)} {kind}"
        if kind in _READS:
            return Measurement(metric=ROWS_READ, part=part, values=(value,), evidence=self._readers_of(table))
        evidence = writers(
            table=table, verb=kind, rows=value, alias=connection.alias, queries=self._queries, triggers=triggers
        )
        return Measurement(metric=ROWS_WRITTEN, part=part, values=(value,), evidence=evidence)

    def _readers_of(self, table: str) -> tuple[Evidence, ...]:
        """Return the statements that name a table: the line that decides which rows they read comes first."""
        groups = self._queries.groups() if self._queries else ()
        return tuple(group.evidence_of_rows() for group in groups if table in group.shape.tables)[:EVIDENCE_KEPT]


class _Reader(Protocol):
    connection: BaseDatabaseWrapper

    def begin(self) -> None: ...

    def end(self) -> Rows: ...


def _reader(connection: BaseDatabaseWrapper) -> _Reader:
    if is_postgres(connection):
        return _PostgresReader(connection)
    if is_sqlite(connection):
        return _SqliteReader(connection)
    raise CounterError(f"Rows are counted on PostgreSQL and SQLite; {connection.alias!r} is {connection.vendor}.")


class _PostgresReader:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._recovery = Recovery(connection, name="rows")
        self._indexonly = "on"
        self._before: Mapping[tuple[str, str], int] = {}

    def begin(self) -> None:
        self._recovery.begin()
        self._indexonly = fetch(self.connection, "SELECT current_setting('enable_indexonlyscan')")[0][0]
        self._set_indexonly("off")
        self._before = self._statistics()

    def end(self) -> Rows:
        self._recovery.end()
        after = self._statistics()
        self._set_indexonly(self._indexonly)
        return +Tally({key: value - self._before.get(key, 0) for key, value in after.items()})

    def _set_indexonly(self, value: str) -> None:
        fetch(self.connection, "SELECT set_config('enable_indexonlyscan', %s, true)", (value,))

    def _statistics(self) -> dict[tuple[str, str], int]:
        return {
            (table, kind): value
            for table, *values in fetch(self.connection, _STATISTICS)
            for kind, value in zip(_KINDS, values, strict=True)
        }


class _SqliteReader:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._recovery = Recovery(connection, name="rows")
        self._rows: Rows = Tally()
        self._triggers: list[str] = []

    def begin(self) -> None:
        self._recovery.begin()
        self._define(self._note)
        for number, (table,) in enumerate(fetch(self.connection, SQLITE_TABLES)):
            for verb in ("insert", "update", "delete"):
                self._plant(table, verb, name=f"bench_rows_{number}_{verb}")

    def end(self) -> Rows:
        for name in self._triggers:
            fetch(self.connection, f"DROP TRIGGER IF EXISTS temp.{name}")
        self._triggers.clear()
        # Without its triggers nothing calls the function. SQLite keeps it as long as a statement is open, and an index
        # for full-text search holds one until its savepoint ends.
        with suppress(sqlite3.OperationalError):
            self._define(None)
        return self._rows

    def _plant(self, table: str, verb: str, *, name: str) -> None:
        # A function of Python's keeps its count when a savepoint is rolled back; a counting table would not.
        quoted, literal = self.connection.ops.quote_name(table), table.replace("'", "''")
        fetch(
            self.connection,
            f"CREATE TEMP TRIGGER {name} AFTER {verb} ON main.{quoted}"
            f" BEGIN SELECT {_FUNCTION}('{literal}', '{verb}'); END",
        )
        self._triggers.append(name)

    def _note(self, table: str, verb: str) -> None:
        self._rows[table, verb] += 1

    def _define(self, function: Callable[..., Any] | None) -> None:
        self.connection.connection.create_function(_FUNCTION, 2, function)


COUNTER: Final = Definition(
    metrics=(ROWS_READ, ROWS_WRITTEN),
    layer=Layer.ROWS,
    vendors=frozenset({"postgresql", "sqlite"}),
    make=lambda execution: RowCounter(execution.connections, queries=execution.queries),
)
