"""The rows that every interleaving starts from, and what it leaves."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connections

from reglab.errors import AuditError
from reglab.project.data.databases import own_aliases
from reglab.project.data.isolation import Sequences, driver_cursor, forget_caches
from reglab.race.table_catalog import Row, Table, put_back, rows_of, tables_of, values_of

# Each sequence hands out numbers of a range of its own, far from any that the rows or a request may hold: whatever
# equals a new key then is one.
_RANGES: Final = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start)
    FROM (SELECT schemaname, sequencename, data_type, last_value, max_value,
                 CASE data_type WHEN 'bigint'::regtype THEN 700000000000 + 1000000 * number
                                WHEN 'integer'::regtype THEN 1700000000 + 100000 * number END AS start
          FROM (SELECT *, row_number() OVER (ORDER BY schemaname, sequencename) AS number FROM pg_sequences
                WHERE increment_by > 0) AS numbered) AS ranged
    WHERE start > coalesce(last_value, 0) AND start + 100000 < max_value
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """What differs in one table: rows that are gone and rows that have come, an updated row in both."""

    table: Table
    gone: tuple[Row, ...]
    come: tuple[Row, ...]


Changes = tuple[TableChange, ...]


class Ground:
    """The present databases as they are now, to be taken up again after whatever is committed to them."""

    def __init__(self) -> None:
        for alias in own_aliases():
            _require_postgresql_superuser(alias)
            with driver_cursor(connections[alias]) as cursor:
                cursor.execute(_RANGES)
        self._tables = {alias: tables_of(connections[alias]) for alias in own_aliases()}
        self._rows = {alias: rows_of(connections[alias], tables) for alias, tables in self._tables.items()}
        self._sequences = Sequences()
        # Every table is filled the same way from the first interleaving on: the same pages, the same statistics.
        for alias, tables in self._tables.items():
            put_back(connections[alias], tables, rows=self._rows[alias], changed=tuple(tables))
        self._sequences.restore()

    def changes(self) -> Changes:
        """Return what differs from the beginning, table by table, whoever wrote it."""
        return tuple(
            change
            for alias, tables in self._tables.items()
            for change in _changes(tables, before=self._rows[alias], after=rows_of(connections[alias], tables))
        )

    def restore(self, changes: Changes) -> None:
        """Take the beginning up again: rows, sequences, and the process's own caches."""
        changed = {change.table.sql for change in changes}
        for alias, tables in self._tables.items():
            here = tuple(sql for sql in tables if sql in changed)
            put_back(connections[alias], tables, rows=self._rows[alias], changed=here)
        self._sequences.restore()
        forget_caches()


def _changes(
    tables: Mapping[str, Table], *, before: Mapping[str, tuple[bytes, ...]], after: Mapping[str, tuple[bytes, ...]]
) -> list[TableChange]:
    found = []
    for sql, table in tables.items():
        if before[sql] == after[sql]:
            continue
        rows_before, rows_after = Counter(before[sql]), Counter(after[sql])
        gone, come = (rows_before - rows_after).elements(), (rows_after - rows_before).elements()
        change = TableChange(
            table=table, gone=tuple(values_of(row) for row in gone), come=tuple(values_of(row) for row in come)
        )
        found.append(change)
    return found


def _require_postgresql_superuser(alias: str) -> None:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        raise AuditError(f"races need PostgreSQL's row locks; the database {alias!r} is {connection.vendor}")
    with driver_cursor(connection) as cursor:
        row = cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if not row or not row[0]:
        raise AuditError(
            f"races put rows back with foreign keys asleep, which the database user of {alias!r} may not: name a "
            "superuser, or leave DATABASE_URL unset for a server of the audit's own"
        )
