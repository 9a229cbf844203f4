"""The tables of a PostgreSQL database: columns, keys, references, as the race audit reads and restores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.driver import fetch, own_cursor

IGNORED: Final = frozenset({"django_migrations"})
# A key is made by the database or at random where it is an identity, has a sequence's default, or is a UUID.
_TABLES: Final = """
    SELECT c.oid::bigint, c.oid::regclass::text, c.relname::text,
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 ORDER BY a.attnum),
           ARRAY(SELECT a.attname::text FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum),
           ARRAY(SELECT a.attname::text FROM pg_attribute a
                 LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND (a.attidentity <> '' OR a.atttypid = 'uuid'::regtype
                        OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.oid::regclass::text
"""
_REFERENCES: Final = """
    SELECT conrelid::bigint, confrelid::bigint,
           (SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]),
           cardinality(conkey)
    FROM pg_constraint WHERE contype = 'f'
"""
_ASLEEP: Final = "BEGIN; SET LOCAL session_replication_role = replica"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. `sql` names it in a statement; `made_keys` are the key columns that the database or chance fills.

    `references` are its columns that point to another table's key.
    """

    name: str
    sql: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    made_keys: frozenset[str]
    references: Mapping[str, str]


def tables_of(connection: BaseDatabaseWrapper) -> dict[str, Table]:
    """Return the database's own tables by the name that a statement gives them; not django_migrations."""
    found = [row for row in fetch(connection, _TABLES) if row[2] not in IGNORED]
    names = {oid: sql for oid, sql, *_ in found}
    references = [row for row in fetch(connection, _REFERENCES) if row[0] in names and row[1] in names]
    return {
        sql: Table(
            name=name,
            sql=sql,
            columns=tuple(columns),
            keys=tuple(keys),
            made_keys=frozenset(keys) & frozenset(made),
            references={column: names[to] for of, to, column, width in references if of == oid and width == 1},
        )
        for oid, sql, name, columns, keys, made in found
    }


def rows_of(connection: BaseDatabaseWrapper, tables: Mapping[str, Table]) -> dict[str, tuple[bytes, ...]]:
    """Return the rows of each table as COPY writes them, in the order in which they lie there."""
    found: dict[str, tuple[bytes, ...]] = {}
    with own_cursor(connection) as cursor:
        for table in tables.values():
            with cursor.copy(f"COPY (SELECT {_columns(connection, table)} FROM ONLY {table.sql}) TO STDOUT") as rows:  # noqa: S608  # names, not values
                found[table.sql] = tuple(bytes(row) for row in rows)
    return found


def put_back(
    connection: BaseDatabaseWrapper,
    tables: Mapping[str, Table],
    *,
    rows: Mapping[str, Sequence[bytes]],
    changed: Sequence[str],
) -> None:
    """Fill the `changed` tables with `rows` again: equal rows in equal places, whatever had been written there.

    Foreign keys and triggers sleep meanwhile, which only a superuser may ask for.
    """
    if not changed:
        return
    with own_cursor(connection) as cursor:
        cursor.execute(_ASLEEP)
        for sql in changed:
            cursor.execute(f"DELETE FROM {sql}")  # noqa: S608  # names, not values
        cursor.execute("COMMIT")
        # An empty table is cut down to nothing, as TRUNCATE would, without new files: six times as fast.
        cursor.execute(f"VACUUM (TRUNCATE, INDEX_CLEANUP ON) {', '.join(changed)}")
        cursor.execute(_ASLEEP)
        for sql in changed:
            if rows[sql]:
                with cursor.copy(f"COPY {sql} ({_columns(connection, tables[sql])}) FROM STDIN") as copy:
                    copy.write(b"".join(rows[sql]))
        cursor.execute("COMMIT")


def values_of(row: bytes) -> Row:
    """Return the columns of a row that COPY wrote, as text."""
    return tuple(row.decode(errors="replace").removesuffix("\n").split("\t"))


def _columns(connection: BaseDatabaseWrapper, table: Table) -> str:
    return ", ".join(connection.ops.quote_name(column) for column in table.columns)
