"""Sessions that wait for one another, as PostgreSQL itself lists them."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from django.db import connections

from reglab.project.data.isolation import driver_cursor
from reglab.race.scheduling.scheduler import Side

_HOLDS_UP: Final = "SELECT %s = ANY (pg_blocking_pids(%s))"


class DatabaseLocks:
    """Asks `pg_blocking_pids` on the calling thread's connection, which must not be one of the sides'."""

    def holds_up(self, *, waiting: Side, holder: Side) -> bool:
        """Tell whether a statement of `waiting` waits for a lock of `holder`, or queues behind it for one."""
        return any(
            _holds_up(alias, waiting=pid, holder=holder.pids[alias])
            for alias, pid in tuple(waiting.pids.items())
            if alias in holder.pids
        )


def end_backends(sides: Iterable[Side]) -> None:
    """End the sides' connections from outside, so that whatever they wait for in the database is over."""
    for side in sides:
        for alias, pid in side.pids.items():
            with suppress(Exception), driver_cursor(connections[alias]) as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", (pid,))


def _holds_up(alias: str, *, waiting: int, holder: int) -> bool:
    with driver_cursor(connections[alias]) as cursor:
        row = cursor.execute(_HOLDS_UP, (holder, waiting)).fetchone()
    return bool(row and row[0])
