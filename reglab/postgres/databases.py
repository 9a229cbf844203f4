"""The databases of any PostgreSQL server, by its URL: make, clone, freeze and drop them."""

from contextlib import closing
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

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
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    with closing(_maintenance_connection(url)) as connection:
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            if connection.info.server_version >= STRATEGY_VERSION:
                statement += sql.SQL(" STRATEGY file_copy")
        connection.execute(statement)
    return url_of_database(url, name)


def freeze_database(url: str, name: str) -> None:
    """Bring a database to rest as a template: hint bits set, rows frozen, statistics exact.

    Its clones then start equal, and reading them writes nothing.
    """
    with closing(psycopg.connect(url_of_database(url, name), autocommit=True)) as connection:
        connection.execute("VACUUM (FREEZE, ANALYZE)")


def drop_database(url: str, name: str) -> None:
    """Drop a database where it exists, and end the connections to it."""
    with closing(_maintenance_connection(url)) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def has_database(url: str, name: str) -> bool:
    """Tell whether the server of `url` has a database `name`."""
    with closing(_maintenance_connection(url)) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _maintenance_connection(url: str) -> psycopg.Connection:
    return psycopg.connect(url_of_database(url, MAINTENANCE_DATABASE), autocommit=True)
