"""Choice of the database server that an audit runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.db import connections

from reglab.postgres.database_url import configured_url
from reglab.postgres.server import Server


@contextmanager
def chosen_database(choice: str) -> Iterator[None]:
    """Point the default alias at the PostgreSQL that the audit is to use, started for it where that was chosen."""
    settings = connections.settings["default"]
    is_postgresql = settings["ENGINE"].rpartition(".")[2] == "postgresql"
    if choice == "settings" or (choice == "auto" and (configured_url() is not None or not is_postgresql)):
        yield
        return
    with Server.throwaway() as server:
        settings.update(_parts_of(server.create_database("audited")))
        connections["default"].close()
        yield
        connections.close_all()


def _parts_of(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.netloc.rpartition("@")[2].rpartition(":")[0]),
        "PORT": str(parts.port or ""),
    }
