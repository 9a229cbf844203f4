"""Connections of our own to a PostgreSQL, through the driver that the project has: psycopg 3, or psycopg2."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.util import find_spec
from typing import Any, Final

from reglab.errors import ServerError

# As Django chooses: psycopg 3 where it is installed.
_MODULE: Final = "psycopg" if find_spec("psycopg") else "psycopg2"
DUPLICATE_STATES: Final = frozenset({"42P04", "23505"})


def driver() -> Any:
    """Return the driver's module. Raises ServerError where neither is installed."""
    if find_spec(_MODULE) is None:
        raise ServerError(
            "no driver of PostgreSQL is installed: run `pip install psycopg[binary]` (or psycopg2-binary)"
        )
    if _MODULE == "psycopg":
        import psycopg

        return psycopg
    import psycopg2

    return psycopg2


@contextmanager
def connected(url: str, **named: Any) -> Iterator[Any]:
    """Open a connection that commits each statement, and close it in the end."""
    with closing(driver().connect(url, **named)) as connection:
        connection.autocommit = True
        yield connection


def run(connection: Any, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """Run one statement and return its rows."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement, tuple(parameters) or None)
        return list(cursor.fetchall()) if cursor.description else []


def quoted(name: str) -> str:
    """Return a name as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'


def state_of(error: BaseException) -> str:
    """Return the SQLSTATE of a driver's error, or an empty text."""
    return str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
