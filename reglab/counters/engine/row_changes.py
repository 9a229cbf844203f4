"""Rows of a database at one moment, row by row, and each row that differs at another."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from reglab.project.data.driver import (
    SQLITE_TABLES,
    CounterError,
    copy_out,
    fetch,
    is_postgres,
    is_sqlite,
    own_cursor,
)

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

IGNORED_TABLES: Final = frozenset({"django_migrations"})
_POSTGRES_TABLES: Final = """
    SELECT c.oid::regclass::text,
           CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text ELSE n.nspname || '.' || c.relname END,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 ORDER BY a.attnum),
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

    The key of a table without a primary key is SQLite's rowid, or on PostgreSQL the whole row. `written` has the new
    content by column, as the database spells it: of an update what differs, of an insert all but the key.
    """

    alias: str
    table: str
    verb: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    written: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table to read: `sql` names it in a statement; the first `keys` of its columns are its key (0: it has none)."""

    name: str
    sql: str
    columns: tuple[str, ...]
    keys: int


Rows = Tally[Hashable]


def changes_between(
    connection: BaseDatabaseWrapper, *, before: Mapping[Table, Rows], after: Mapping[Table, Rows]
) -> Iterator[RowChange]:
    """Give each row that differs between two moments, sorted by table and key."""
    for table in sorted({*before, *after}, key=lambda table: table.name):
        rows_before, rows_after = before.get(table, Tally()), after.get(table, Tally())
        if rows_before != rows_after:
            gone = _decoded(connection, rows_before - rows_after)
            come = _decoded(connection, rows_after - rows_before)
            yield from _table_changes(connection.alias, table, gone=gone, come=come)


def _table_changes(
    alias: str, table: Table, *, gone: Sequence[tuple[str, ...]], come: Sequence[tuple[str, ...]]
) -> Iterator[RowChange]:
    if not table.keys:
        yield from (RowChange(alias=alias, table=table.name, verb="delete", key=row) for row in sorted(gone))
        for row in sorted(come):
            written = tuple(zip(table.columns, row, strict=True))
            yield RowChange(alias=alias, table=table.name, verb="insert", key=row, written=written)
        return
    rows_before = {row[: table.keys]: row for row in gone}
    rows_after = {row[: table.keys]: row for row in come}
    for key in sorted({*rows_before, *rows_after}, key=_by_number):
        row_before, row_after = rows_before.get(key), rows_after.get(key)
        if row_before and row_after:
            triples = zip(table.columns, row_before, row_after, strict=True)
            written = tuple(sorted((column, other) for column, one, other in triples if one != other))
            columns = tuple(column for column, _ in written)
            yield RowChange(alias=alias, table=table.name, verb="update", key=key, columns=columns, written=written)
        elif row_after:
            written = tuple(zip(table.columns, row_after, strict=True))[table.keys :]
            yield RowChange(alias=alias, table=table.name, verb="insert", key=key, written=written)
        else:
            yield RowChange(alias=alias, table=table.name, verb="delete", key=key)


def _by_number(key: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Sort keys that are numbers by their value: they are compared as text, and "10" would come before "9"."""
    return tuple((len(part), part) for part in key)


def rows_of(connection: BaseDatabaseWrapper) -> dict[Table, Rows]:
    """Read every row of every table, whether or not a model knows it; not those of migrations and of extensions.

    Without columns that the database itself generates of others: nobody writes them.
    """
    return _source(connection).rows(connection)


def _decoded(connection: BaseDatabaseWrapper, rows: Rows) -> list[tuple[str, ...]]:
    return [_source(connection).decoded(row) for row in rows.elements()]


class _Source(Protocol):
    def rows(self, connection: BaseDatabaseWrapper) -> dict[Table, Rows]: ...

    def decoded(self, row: Any) -> tuple[str, ...]: ...


def _source(connection: BaseDatabaseWrapper) -> _Source:
    if is_postgres(connection):
        return _PostgresSource()
    if is_sqlite(connection):
        return _SqliteSource()
    raise CounterError(f"Rows are compared on PostgreSQL and SQLite; {connection.alias!r} is {connection.vendor}.")


class _PostgresSource:
    """Rows as COPY writes them: one message a row, exact for every type, and three times as fast as fetching."""

    def rows(self, connection: BaseDatabaseWrapper) -> dict[Table, Rows]:
        found = fetch(connection, _POSTGRES_TABLES)
        tables = [_table(name=name, sql=sql, columns=columns, keys=keys) for sql, name, columns, keys in found]
        with own_cursor(connection) as cursor:
            return {
                table: self._copy(connection, cursor, table) for table in tables if table.name not in IGNORED_TABLES
            }

    def decoded(self, row: bytes) -> tuple[str, ...]:
        return tuple(row.decode(errors="replace").removesuffix("\n").split("\t"))

    def _copy(self, connection: BaseDatabaseWrapper, cursor: Any, table: Table) -> Rows:
        columns = ", ".join(connection.ops.quote_name(column) for column in table.columns)
        statement = f"COPY (SELECT {columns} FROM ONLY {table.sql}) TO STDOUT"  # noqa: S608  # names, not values
        return Tally(copy_out(connection, cursor, statement))


class _SqliteSource:
    """Rows as SQL literals, which tell 1 from '1' and NULL from 'NULL'."""

    def rows(self, connection: BaseDatabaseWrapper) -> dict[Table, Rows]:
        names = [name for (name,) in fetch(connection, SQLITE_TABLES) if name not in IGNORED_TABLES]
        return {table: self._select(connection, table) for table in (self._table(connection, name) for name in names)}

    def decoded(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return row

    def _table(self, connection: BaseDatabaseWrapper, name: str) -> Table:
        quoted = connection.ops.quote_name(name)
        described = fetch(connection, f"PRAGMA table_xinfo({quoted})")
        keys = [column for _, column, _, _, _, key, *_ in described if key]
        columns = [column for _, column, *_, hidden in described if not hidden]
        return _table(name=name, sql=quoted, columns=columns if keys else ["rowid", *columns], keys=keys or ["rowid"])

    def _select(self, connection: BaseDatabaseWrapper, table: Table) -> Rows:
        columns = ", ".join(f"quote({connection.ops.quote_name(column)})" for column in table.columns)
        statement = f"SELECT {columns} FROM {table.sql}"  # noqa: S608  # names, not values
        return Tally(fetch(connection, statement))


def _table(*, name: str, sql: str, columns: Sequence[str], keys: Sequence[str]) -> Table:
    others = [column for column in columns if column not in keys]
    return Table(name=name, sql=sql, columns=(*keys, *others), keys=len(keys))
