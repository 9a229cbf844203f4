"""Statements of the counters' own: sent past Django's cursors and past every hook, so that no counter sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


_DEFAULT_ALIAS: Final = "default"

_IN_ERROR: Final = 3
# The tables that hold rows themselves. A virtual one, such as an index for full-text search, takes no triggers: what
# follows from other tables' rows stands in shadow tables of its own.
SQLITE_TABLES: Final = """
    SELECT name FROM sqlite_master t
    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'
      AND NOT EXISTS (
          SELECT 1 FROM sqlite_master v
          WHERE v.sql LIKE 'CREATE VIRTUAL%' AND substr(t.name, 1, length(v.name)) = v.name
            AND substr(t.name, length(v.name) + 1) IN (
                '_config', '_content', '_data', '_docsize', '_idx', '_node', '_parent', '_rowid', '_segdir',
                '_segments', '_stat'
            )
      )
    ORDER BY name
"""


class CounterError(Exception):
    """A counter cannot count here; its message says what is missing and what to do."""


def fetch(connection: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows. Placeholders are the driver's ("%s" or "?")."""
    with own_cursor(connection) as cursor:
        cursor.execute(sql, tuple(parameters) or None) if is_postgres(connection) else cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def own_cursor(connection: BaseDatabaseWrapper) -> Iterator[Any]:
    """Yield a cursor of the driver's own class on the connection that Django holds, and close it."""
    connection.ensure_connection()
    cursor = _new_cursor(connection)
    try:
        yield cursor
    finally:
        cursor.close()


def is_postgres(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the connection speaks to PostgreSQL."""
    return connection.vendor == "postgresql"


def is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the connection is SQLite's."""
    return connection.vendor == "sqlite"


def table_label(connection: BaseDatabaseWrapper, table: str) -> str:
    """Return a table's name for a reader, with its alias in front where that is not the default one."""
    return table if connection.alias == _DEFAULT_ALIAS else f"{connection.alias}:{table}"


class Recovery:
    """A savepoint that makes an aborted PostgreSQL transaction readable again.

    A scenario may swallow a database error outside any `atomic` of its own; PostgreSQL then refuses every further
    statement. The counters' last reading would fail with it, and hide what the scenario did.
    """

    def __init__(self, connection: BaseDatabaseWrapper, *, name: str) -> None:
        self._connection = connection
        self._name = f"bench_{name}"
        self._is_set = False

    def begin(self) -> None:
        """Set the savepoint. Raises CounterError outside an `atomic` block: what follows could not be undone."""
        if not self._connection.in_atomic_block:
            raise CounterError(
                f"The counters need a transaction on the database {self._connection.alias!r} that is rolled back"
                " afterwards: run them inside transaction.atomic()."
            )
        if is_postgres(self._connection):
            fetch(self._connection, f"SAVEPOINT {self._name}")
            self._is_set = True

    def end(self) -> None:
        """Undo an aborted transaction up to the savepoint, and remove the savepoint. The second call does nothing."""
        if not self._is_set:
            return
        self._is_set = False
        if is_aborted(self._connection):
            fetch(self._connection, f"ROLLBACK TO SAVEPOINT {self._name}")
        fetch(self._connection, f"RELEASE SAVEPOINT {self._name}")


def is_aborted(connection: BaseDatabaseWrapper) -> bool:
    """Return whether an error has ended the present transaction of PostgreSQL: it answers nothing but a rollback."""
    # libpq's PQTRANS_INERROR, which both drivers spell as a number.
    driver = connection.connection
    return is_postgres(connection) and driver is not None and int(driver.info.transaction_status) == _IN_ERROR


def is_psycopg3(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the project's own driver is psycopg 3; psycopg2 is the other."""
    return str(_driver(connection).__name__) == "psycopg"


def _driver(connection: Any) -> Any:
    """Return the driver's module, an attribute of each backend of Django that its base class lacks."""
    return connection.Database


def client_cursor(connection: BaseDatabaseWrapper) -> Any:
    """Return a cursor of the driver's own class that puts parameters into the text itself, as Django does."""
    connection.ensure_connection()
    if is_psycopg3(connection):
        return _driver(connection).ClientCursor(connection.connection)
    return _new_cursor(connection)


def cursor_factories(connection: BaseDatabaseWrapper) -> dict[str, type[Any]]:
    """Return the classes of cursors that the driver's connection opens, by the attribute that names them."""
    raw = connection.connection
    if is_psycopg3(connection):
        return {name: getattr(raw, name) for name in ("cursor_factory", "server_cursor_factory")}
    from psycopg2.extensions import cursor as cursor_class

    return {"cursor_factory": raw.cursor_factory or cursor_class}


def copy_out(connection: BaseDatabaseWrapper, cursor: Any, statement: str) -> Iterator[bytes]:
    """Yield the rows of a COPY … TO STDOUT as it writes them, one line each."""
    if is_psycopg3(connection):
        with cursor.copy(statement) as rows:
            yield from map(bytes, rows)
        return
    with TemporaryFile() as file:
        cursor.copy_expert(statement, file)
        file.seek(0)
        yield from file


def _new_cursor(connection: BaseDatabaseWrapper) -> Any:
    if is_postgres(connection):
        # Not connection.cursor(): its factory may be a counter's.
        if is_psycopg3(connection):
            return _driver(connection).Cursor(connection.connection)
        from psycopg2.extensions import cursor as cursor_class

        return cursor_class(connection.connection)
    if is_sqlite(connection):
        import sqlite3

        return sqlite3.Cursor(getattr(connection.connection, "__wrapped__", connection.connection))
    raise CounterError(
        f"The database {connection.alias!r} is {connection.vendor}: rows are counted on PostgreSQL and SQLite."
        " Leave the counter out, or audit on one of these."
    )
