"""Rows that really differ afterwards: every row of every table, before and after, whoever wrote it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from reglab.counters.definition import CounterMetric, Definition, Layer
from reglab.counters.engine.writers import Trigger, describe_write, triggers_of, writers
from reglab.counters.queries import QueryCounter
from reglab.metrics import Better, Shown
from reglab.project.data.driver import (
    SQLITE_TABLES,
    CounterError,
    Recovery,
    copy_out,
    fetch,
    is_postgres,
    is_sqlite,
    own_cursor,
    table_label,
)
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROWS_CHANGED: Final = CounterMetric(
    name="rows_changed",
    unit="rows",
    meaning="rows whose content really differs afterwards, by table and verb",
    shown=Shown.WRITES,
    # A row that is written no longer is lost, not saved.
    better=Better.SAME,
    is_parted=True,
    is_zero_when_absent=True,
)
COLUMNS_CHANGED: Final = CounterMetric(
    name="columns_changed",
    unit="columns",
    meaning="columns whose content really differs afterwards, by table",
    shown=Shown.WRITES,
    better=Better.SAME,
    is_parted=True,
)

IGNORED_TABLES: Final = frozenset({"django_migrations"})
KEYS_SHOWN: Final = 5
_POSTGRES_TABLES: Final = """
    SELECT c.oid::regclass::text,
           CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text ELSE n.nspname || '.' || c.relname END,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
           ARRAY(SELECT a.attname::text FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that differs afterwards: its key as text, and for an update the columns whose content differs.

    The key of a table without a primary key is SQLite's rowid, or on PostgreSQL the whole row.
    """

    alias: str
    table: str
    verb: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table to read: `sql` names it in a statement; the first `keys` of its columns are its key (0: it has none)."""

    name: str
    sql: str
    columns: tuple[str, ...]
    keys: int


_Rows = Tally[Hashable]


class DigestCounter:
    """Counts `rows_changed` ("shop_order update") and `columns_changed` ("shop_order: status, updated_at").

    Every table of the database, whether or not a model knows it; not django_migrations, and not tables of extensions.
    The content decides: a write that is taken back, or that sets what was there, changes nothing. The value of
    `columns_changed` is the number of columns that any updated row differs in. Runs inside `atomic()`, outermost.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, queries: QueryCounter | None = None) -> None:
        self.changes: tuple[RowChange, ...] = ()
        self._connections = tuple(connections)
        self._queries = queries
        self._recoveries = [Recovery(connection, name="digest") for connection in self._connections]
        self._before: dict[str, Mapping[_Table, _Rows]] = {}
        self._triggers: dict[str, tuple[Trigger, ...]] = {}

    def __enter__(self) -> Self:
        for connection, recovery in zip(self._connections, self._recoveries, strict=True):
            recovery.begin()
            self._before[connection.alias] = _rows(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        changes: list[RowChange] = []
        for connection, recovery in zip(self._connections, self._recoveries, strict=True):
            recovery.end()
            found = tuple(_changes(connection, before=self._before.pop(connection.alias), after=_rows(connection)))
            self._triggers[connection.alias] = triggers_of(connection) if found else ()
            changes.extend(found)
        self.changes = tuple(changes)

    def counts(self) -> tuple[Measurement, ...]:
        """Return rows by table and verb, then columns by table, each sorted."""
        return (*self._row_counts(), *self._column_counts())

    def _row_counts(self) -> Iterator[Measurement]:
        groups: dict[tuple[str, str, str], list[RowChange]] = {}
        for change in self.changes:
            groups.setdefault((change.alias, change.table, change.verb), []).append(change)
        for (alias, table, verb), changes in sorted(groups.items()):
            rows = Evidence(kind="write", text=_sentence(changes), count=len(changes), table=table)
            who = writers(
                table=table,
                verb=verb,
                rows=len(changes),
                alias=alias,
                queries=self._queries,
                triggers=self._triggers[alias],
            )
            evidence = (rows, *who) if self._queries else (rows,)
            yield Measurement(
                metric=ROWS_CHANGED,
                part=f"{self._label(alias, table)} {verb}",
                values=(len(changes),),
                evidence=evidence,
            )

    def _column_counts(self) -> Iterator[Measurement]:
        columns: dict[tuple[str, str], set[str]] = {}
        for change in self.changes:
            if change.verb == "update":
                columns.setdefault((change.alias, change.table), set()).update(change.columns)
        for (alias, table), names in sorted(columns.items()):
            part = f"{self._label(alias, table)}: {', '.join(sorted(names))}"
            yield Measurement(metric=COLUMNS_CHANGED, part=part, values=(len(names),))

    def _label(self, alias: str, table: str) -> str:
        return table_label(next(each for each in self._connections if each.alias == alias), table)


def _sentence(changes: Sequence[RowChange]) -> str:
    first = changes[0]
    shown = [
        "(" + ", ".join(change.key) + ")" if len(change.key) > 1 else change.key[0] for change in changes[:KEYS_SHOWN]
    ]
    more = ", …" if len(changes) > KEYS_SHOWN else ""
    columns = sorted({column for change in changes for column in change.columns})
    what = describe_write(rows=len(changes), table=first.table, verb=first.verb)
    return f"{what}: key {', '.join(shown)}{more}" + (f"; columns {', '.join(columns)}" if columns else "")


def _changes(
    connection: BaseDatabaseWrapper, *, before: Mapping[_Table, _Rows], after: Mapping[_Table, _Rows]
) -> Iterator[RowChange]:
    for table in sorted({*before, *after}, key=lambda table: table.name):
        rows_before, rows_after = before.get(table, Tally()), after.get(table, Tally())
        if rows_before != rows_after:
            gone = _decoded(connection, rows_before - rows_after)
            come = _decoded(connection, rows_after - rows_before)
            yield from _table_changes(connection.alias, table, gone=gone, come=come)


def _table_changes(
    alias: str, table: _Table, *, gone: Sequence[tuple[str, ...]], come: Sequence[tuple[str, ...]]
) -> Iterator[RowChange]:
    if not table.keys:
        for verb, rows in (("delete", gone), ("insert", come)):
            yield from (RowChange(alias=alias, table=table.name, verb=verb, key=row) for row in sorted(rows))
        return
    rows_before = {row[: table.keys]: row for row in gone}
    rows_after = {row[: table.keys]: row for row in come}
    for key in sorted({*rows_before, *rows_after}, key=_by_number):
        row_before, row_after = rows_before.get(key), rows_after.get(key)
        if row_before and row_after:
            pairs = zip(table.columns, row_before, row_after, strict=True)
            columns = tuple(sorted(column for column, one, other in pairs if one != other))
            yield RowChange(alias=alias, table=table.name, verb="update", key=key, columns=columns)
        else:
            yield RowChange(alias=alias, table=table.name, verb="delete" if row_before else "insert", key=key)


def _by_number(key: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Sort keys that are numbers by their value: they are compared as text, and "10" would come before "9"."""
    return tuple((len(part), part) for part in key)


def _rows(connection: BaseDatabaseWrapper) -> dict[_Table, _Rows]:
    return _source(connection).rows(connection)


def _decoded(connection: BaseDatabaseWrapper, rows: _Rows) -> list[tuple[str, ...]]:
    return [_source(connection).decoded(row) for row in rows.elements()]


class _Source(Protocol):
    def rows(self, connection: BaseDatabaseWrapper) -> dict[_Table, _Rows]: ...

    def decoded(self, row: Any) -> tuple[str, ...]: ...


def _source(connection: BaseDatabaseWrapper) -> _Source:
    if is_postgres(connection):
        return _PostgresSource()
    if is_sqlite(connection):
        return _SqliteSource()
    raise CounterError(f"Rows are compared on PostgreSQL and SQLite; {connection.alias!r} is {connection.vendor}.")


class _PostgresSource:
    """Rows as COPY writes them: one message a row, exact for every type, and three times as fast as fetching."""

    def rows(self, connection: BaseDatabaseWrapper) -> dict[_Table, _Rows]:
        found = fetch(connection, _POSTGRES_TABLES)
        tables = [_table(name=name, sql=sql, columns=columns, keys=keys) for sql, name, columns, keys in found]
        with own_cursor(connection) as cursor:
            return {
                table: self._copy(connection, cursor, table) for table in tables if table.name not in IGNORED_TABLES
            }

    def decoded(self, row: bytes) -> tuple[str, ...]:
        return tuple(row.decode(errors="replace").removesuffix("\n").split("\t"))

    def _copy(self, connection: BaseDatabaseWrapper, cursor: Any, table: _Table) -> _Rows:
        columns = ", ".join(connection.ops.quote_name(column) for column in table.columns)
        statement = f"COPY (SELECT {columns} FROM ONLY {table.sql}) TO STDOUT"  # noqa: S608  # names, not values
        return Tally(copy_out(connection, cursor, statement))


class _SqliteSource:
    """Rows as SQL literals, which tell 1 from '1' and NULL from 'NULL'."""

    def rows(self, connection: BaseDatabaseWrapper) -> dict[_Table, _Rows]:
        names = [name for (name,) in fetch(connection, SQLITE_TABLES) if name not in IGNORED_TABLES]
        return {table: self._select(connection, table) for table in (self._table(connection, name) for name in names)}

    def decoded(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return row

    def _table(self, connection: BaseDatabaseWrapper, name: str) -> _Table:
        quoted = connection.ops.quote_name(name)
        described = fetch(connection, f"PRAGMA table_xinfo({quoted})")
        keys = [column for _, column, _, _, _, key, *_ in described if key]
        columns = [column for _, column, *_ in described]
        return _table(name=name, sql=quoted, columns=columns if keys else ["rowid", *columns], keys=keys or ["rowid"])

    def _select(self, connection: BaseDatabaseWrapper, table: _Table) -> _Rows:
        columns = ", ".join(f"quote({connection.ops.quote_name(column)})" for column in table.columns)
        statement = f"SELECT {columns} FROM {table.sql}"  # noqa: S608  # names, not values
        return Tally(fetch(connection, statement))


def _table(*, name: str, sql: str, columns: Sequence[str], keys: Sequence[str]) -> _Table:
    others = [column for column in columns if column not in keys]
    return _Table(name=name, sql=sql, columns=(*keys, *others), keys=len(keys))


COUNTER: Final = Definition(
    metrics=(ROWS_CHANGED, COLUMNS_CHANGED),
    layer=Layer.CONTENT,
    vendors=frozenset({"postgresql", "sqlite"}),
    make=lambda execution: DigestCounter(execution.connections, queries=execution.queries),
)
