"""Removal of what a rolled-back execution leaves in a PostgreSQL database all the same.

Dead rows make a table grow, and the planner looks at a table's size: without this, the fifth execution of an insert
would read by another plan than the first.
"""

from collections.abc import Callable

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.databases import own_aliases
from reglab.project.data.isolation import driver_cursor

# Tables that this transaction wrote to, triggers included: each holds the lock that writing takes.
_WRITTEN = """
    SELECT DISTINCT format('%I.%I', n.nspname, c.relname)
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.pid = pg_backend_pid() AND l.mode = 'RowExclusiveLock' AND c.relkind = 'r' AND n.nspname !~ '^pg_'
"""
_SIZES = """
    SELECT c.oid::bigint, pg_relation_size(c.oid), c.relpages, c.relallvisible, c.reltuples
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'i') AND n.nspname !~ '^(pg_|information_schema)'
"""
# A page whose dead rows the first one removes is marked as visible to all by the second.
VACUUMS = 2
Sizes = frozenset[tuple[int | float, ...]]


class Traces:
    """Watches the databases of one point, and brings them back to the size that they had."""

    def __init__(self, *, restore: Callable[[], None]) -> None:
        self._restore = restore
        self._written: dict[str, set[str]] = {}
        self._is_unknown = False
        self._sizes = self._all_sizes()

    def note(self) -> None:
        """Remember what the present transaction has written. Must run before its rollback."""
        for connection in _servers():
            try:
                with connection.wrap_database_errors, driver_cursor(connection) as cursor:
                    cursor.execute(_WRITTEN)
                    self._written.setdefault(connection.alias, set()).update(name for (name,) in cursor.fetchall())
            except Error:
                # PostgreSQL answers nothing in an aborted transaction.
                self._is_unknown = True

    def remove(self) -> None:
        """Vacuum what was written; where a table or an index is then not as it was, take a fresh copy of everything."""
        if not any(self._written.values()) and not self._is_unknown:
            return
        for connection in _servers():
            if names := self._written.get(connection.alias):
                with driver_cursor(connection) as cursor:
                    for _ in range(VACUUMS):
                        cursor.execute(f"VACUUM (FREEZE) {', '.join(sorted(names))}")
        self._written.clear()
        if self._is_unknown or self._all_sizes() != self._sizes:
            self._restore()
        self._is_unknown = False

    def _all_sizes(self) -> dict[str, Sizes]:
        return {connection.alias: _sizes(connection) for connection in _servers()}


class NoTraces(Traces):
    """Where the execution is part of a larger transaction, as in a test, nothing can be vacuumed."""

    def __init__(self) -> None:
        super().__init__(restore=lambda: None)

    def note(self) -> None:
        """Remember nothing."""


def _servers() -> list[BaseDatabaseWrapper]:
    return [connections[alias] for alias in own_aliases() if connections[alias].vendor == "postgresql"]


def _sizes(connection: BaseDatabaseWrapper) -> Sizes:
    with driver_cursor(connection) as cursor:
        cursor.execute(_SIZES)
        return frozenset(cursor.fetchall())
