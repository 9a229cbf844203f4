"""The databases of any PostgreSQL server, by its URL: make, clone, freeze and drop them."""

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from reglab.postgres.connection import connected, quoted, run

MAINTENANCE_DATABASE = "postgres"
# The first major version with a choice of how to copy a template.
STRATEGY_VERSION = 150000


def url_of_database(url: str, name: str) -> str:
    """Give the URL of the database `name` on the server of `url`."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))


def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """Create a database on the server of `url`, empty or as a copy of `template`; give its URL.

    A copy takes the template's files as they are: same blocks, same statistics, same plans. Nobody may be
    connected to the template meanwhile.
    """
    statement = f"CREATE DATABASE {quoted(name)}"
    with connected(_maintenance_url(url)) as connection:
        if template is not None:
            statement += f" TEMPLATE {quoted(template)}"
            if server_version(connection) >= STRATEGY_VERSION:
                statement += " STRATEGY file_copy"
        run(connection, statement)
    return url_of_database(url, name)


def freeze_database(url: str, name: str) -> None:
    """Bring a database to rest as a template: hint bits set, rows frozen, statistics exact.

    Its clones then start equal, and reading them writes nothing.
    """
    with connected(url_of_database(url, name)) as connection:
        run(connection, "VACUUM (FREEZE, ANALYZE)")


def drop_database(url: str, name: str) -> None:
    """Drop a database where it exists, and end the connections to it."""
    with connected(_maintenance_url(url)) as connection:
        run(connection, f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def has_database(url: str, name: str) -> bool:
    """Tell whether the server of `url` has a database `name`."""
    with connected(_maintenance_url(url)) as connection:
        return bool(run(connection, "SELECT 1 FROM pg_database WHERE datname = %s", [name]))


def server_version(connection: Any) -> int:
    """Return the server's version as a number: 170004."""
    return int(run(connection, "SHOW server_version_num")[0][0])


def _maintenance_url(url: str) -> str:
    return url_of_database(url, MAINTENANCE_DATABASE)
