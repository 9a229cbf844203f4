"""Choice of the database server that an audit runs on: every alias goes to it, or the audit refuses in one sentence."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from django.db import OperationalError, connections

from reglab.errors import AuditError
from reglab.postgres.client_environment import changing_variables
from reglab.postgres.server import Server
from reglab.project.data.aliases import (
    Say,
    is_named_by_url,
    mark_mirrors,
    move_alias,
    restore_alias,
    vendor_of,
)
from reglab.project.data.extensions import binaries_with_extensions
from reglab.project.data.migrated import server_with_migrations
from reglab.project.settings import SETTINGS_VARIABLE

# What Django puts where the settings say nothing.
_NO_ENGINE: Final = "django.db.backends.dummy"
_SERVED: Final = frozenset({"postgresql", "sqlite"})


@contextmanager
def chosen_database(choice: str, *, say: Say = lambda _: None) -> Iterator[None]:
    """Point every alias at the PostgreSQL that the audit is to use, started for it where that was chosen.

    `auto` moves each PostgreSQL alias to a server of the audit's own, but one that DATABASE_URL names; `own` moves
    every alias, whatever its engine; `settings` moves none. Raises AuditError for an engine that cannot be audited.
    """
    vendors = {alias: vendor_of(alias) for alias in connections.settings}
    mark_mirrors(vendors, say)
    moved = _moved(choice, vendors)
    _refuse_others({alias: vendor for alias, vendor in vendors.items() if alias not in moved})
    if not moved:
        try:
            yield
        except OperationalError as error:
            if "postgresql" not in vendors.values() or _was_answered(error):
                # A missing table of SQLite, a lock, a full disk.
                raise
            reason = (str(error).strip().splitlines() or ["no reason given"])[0]
            raise AuditError(
                f"the database that the settings name does not answer: {reason}; start it, or leave --database and "
                "DATABASE_URL out, so that the audit starts one of its own"
            ) from error
        return
    if left_out := changing_variables():
        say(f"left out of the environment on the audit's own server: {', '.join(left_out)}")
    # Databases that lie in two places are migrated anew each time.
    started = server_with_migrations() if len(moved) == len(vendors) else Server.throwaway()
    with binaries_with_extensions(say), started as server, ExitStack() as undo:
        for alias in moved:
            undo.callback(restore_alias, alias, dict(connections.settings[alias]))
            move_alias(alias, server.ensure_database(f"audited_{alias}"), vendors[alias], say)
        try:
            yield
        finally:
            # Also after an error: a server that is stopped waits for nobody.
            connections.close_all()


def _was_answered(error: OperationalError) -> bool:
    """Whether a server said so: what has no SQLSTATE never reached one. psycopg2 calls it `pgcode`."""
    return any(getattr(error.__cause__, name, None) for name in ("sqlstate", "pgcode"))


def _moved(choice: str, vendors: dict[str, str]) -> list[str]:
    if choice == "settings":
        return []
    if choice == "own":
        return list(vendors)
    return [alias for alias, vendor in vendors.items() if vendor == "postgresql" and not is_named_by_url(alias)]


def _refuse_others(vendors: dict[str, str]) -> None:
    for alias, vendor in vendors.items():
        if connections.settings[alias]["ENGINE"] == _NO_ENGINE:
            module = os.environ.get(SETTINGS_VARIABLE, "")
            raise AuditError(f"the settings {module} name no database (DATABASES): is it the right module?")
        if vendor not in _SERVED:
            raise AuditError(
                f"the database {alias!r} is {vendor} ({connections.settings[alias]['ENGINE']}), and audits run on "
                "PostgreSQL and SQLite: give --database own to run on a PostgreSQL that is started for the audit, or "
                "--settings with test settings of another database"
            )
