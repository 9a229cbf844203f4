"""Reading of DATABASE_URL: the database to use, or none, so that the embedded server is started."""

import os
from urllib.parse import urlsplit

VARIABLE = "DATABASE_URL"
# The name of the embedded server's database, in development and in tests.
DATABASE_NAME = "orders"
# Lets settings load in a process that needs no database, or starts a server of its own later. Nobody answers there.
NO_SERVER_URL = "postgresql://postgres@%2Fno-server-started:5432/orders"


def configured_url() -> str | None:
    """Give the database that the user, or the process above, has chosen; None where it is ours to start one."""
    url = os.environ.get(VARIABLE, "")
    return None if url in ("", NO_SERVER_URL) else url


def described(url: str) -> str:
    """Say in a few words which database a URL names, without its user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme} at {parts.hostname or parts.path or 'memory'}"
