"""Gates on a thread's own connections: before each statement, and before each COMMIT and ROLLBACK."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.databases import own_aliases
from reglab.project.source_lines import ProjectFrames
from reglab.race.scheduling.scheduler import Side, Turns
from reglab.race.scheduling.sync_points import Action, Kind, action_of

_DEADLOCK: Final = "40P01"


@contextmanager
def gated(side: Side, turns: Turns, *, frames: ProjectFrames) -> Iterator[None]:
    """Make the calling thread stop before each action on its connections until its turn comes."""
    with ExitStack() as stack:
        for alias in own_aliases():
            stack.enter_context(_Gate(connections[alias], side=side, turns=turns, frames=frames).closed())
        yield


class _Gate:
    """The gate of one connection."""

    def __init__(self, connection: BaseDatabaseWrapper, *, side: Side, turns: Turns, frames: ProjectFrames) -> None:
        self._connection = connection
        self._side = side
        self._turns = turns
        self._frames = frames

    @contextmanager
    def closed(self) -> Iterator[None]:
        connection: Any = self._connection
        # Transactions end past Django's cursors, so past `execute_wrapper`: these two are the only ways.
        ends = {Kind.COMMIT: connection._commit, Kind.ROLLBACK: connection._rollback}  # noqa: SLF001  # no public hook
        for kind, end in ends.items():
            setattr(connection, end.__name__, self._ending(kind, end))
        try:
            with connection.execute_wrapper(self._statement):
                yield
        finally:
            for end in ends.values():
                delattr(connection, end.__name__)

    def _statement(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        connection = context["connection"]
        action = action_of(
            sql if isinstance(sql, str) else _text(sql, connection),
            marks=self._frames.capture(sys._getframe(1)),  # noqa: SLF001  # the documented way to a frame
            commits_itself=not connection.in_atomic_block and connection.get_autocommit(),
        )
        return self._through(action, lambda: execute(sql, parameters, many, context))

    def _ending(self, kind: Kind, end: Callable[[], None]) -> Callable[[], None]:
        def ending() -> None:
            if self._connection.connection is None:
                end()
                return
            marks = self._frames.capture(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
            self._through(Action(kind=kind, text=kind.name, marks=marks), end)

        return ending

    def _through(self, action: Action, do: Callable[[], Any]) -> Any:
        self._side.pids[self._connection.alias] = self._connection.connection.info.backend_pid
        self._turns.arrive(self._side, action)
        try:
            return do()
        except Exception as error:
            if getattr(error.__cause__ or error, "sqlstate", None) == _DEADLOCK:
                self._side.saw_deadlock = True
            raise
        finally:
            self._turns.leave(self._side)


def _text(sql: Any, connection: BaseDatabaseWrapper) -> str:
    """Return the text of a statement that was composed with the driver's own tools (psycopg.sql)."""
    if isinstance(sql, bytes):
        return sql.decode(errors="replace")
    return str(sql.as_string(connection.connection)) if hasattr(sql, "as_string") else str(sql)
