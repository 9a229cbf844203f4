"""The database of a developer's machine: kept in `var/postgres/`, running while something uses it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reglab.postgres.database_url import DATABASE_NAME, VARIABLE
from reglab.postgres.server import Server


@contextmanager
def development_database(project: Path) -> Iterator[Server]:
    """Start the project's development server, or join it, and set DATABASE_URL to its database meanwhile.

    The first process owns the server: a runserver lets every later command join, and takes it along when it ends.
    Raises ServerError.
    """
    with Server.kept(project / "var" / "postgres") as server:
        os.environ[VARIABLE] = server.ensure_database(DATABASE_NAME)
        _tell(server)
        try:
            yield server
        finally:
            del os.environ[VARIABLE]


def _tell(server: Server) -> None:
    verb = "joined" if server.is_joined else "started"
    print(
        f"DATABASE_URL is unset: {verb} the development PostgreSQL, "
        f"database {DATABASE_NAME} in {server.folder} ({server.url(DATABASE_NAME)})",
        file=sys.stderr,
    )
