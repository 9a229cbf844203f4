"""Counts the project's own rows that a request was given by the database, and how often it sent each statement.

An answer without any row measures nothing.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from types import FrameType, TracebackType
from typing import Any, Final, Self

from django.apps import apps
from django.db import connections
from django.db.backends.utils import CursorWrapper

from reglab.project.data.baking.people import user_model
from reglab.project.data.databases import own_aliases
from reglab.project.source_lines import Mark, ProjectFrames
from reglab.project.statements import shape_of

# Read to find out who asks, and by what right: no content of the project.
_FRAMEWORK_APPS: Final = frozenset({"sessions", "contenttypes", "authtoken", "sites", "admin", "knox"})
_FRAMEWORK_TABLES: Final = frozenset({"auth_permission", "django_migrations"})
_NOTHING: Final = frozenset({None, 0, ""})


class RowsSeen:
    """Counts, inside the block, the rows with any content that statements on the project's own tables return.

    The first row of the user table is the log-in's, and so is the first of a table in `credentials`, which holds the
    token that a request proves itself with. An aggregate over no rows (0, NULL) is no row. `statements` are those that
    returned what is counted; `sent` says how often each was sent, `repeated_at` from where those that were sent twice.
    """

    def __init__(
        self, *, is_logged_in: bool, credentials: Collection[str] = (), frames: ProjectFrames | None = None
    ) -> None:
        self.count = 0
        self.statements: set[str] = set()
        self.sent: Counter[str] = Counter()
        self.repeated_at: dict[str, tuple[Mark, ...]] = {}
        self._frames = frames
        self._framework = _framework_tables()
        users = user_model()
        user_tables = {users._meta.db_table} if users and is_logged_in else set()  # noqa: SLF001  # Django's public name
        self._expected = user_tables | set(credentials)
        self._originals: list[tuple[Any, Any, Any]] = []

    def __enter__(self) -> Self:
        for alias in own_aliases():
            connection: Any = connections[alias]
            self._originals.append((connection, connection.make_cursor, connection.make_debug_cursor))
            connection.make_cursor = connection.make_debug_cursor = lambda cursor, at=connection: _Cursor(
                cursor, at, self
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection, make, make_debug in self._originals:
            connection.make_cursor, connection.make_debug_cursor = make, make_debug
        self._originals.clear()

    def note_sent(self, sql: str, frame: FrameType) -> None:
        """Count a statement, and keep the lines of the second one of its kind."""
        self.sent[sql] += 1
        if self.sent[sql] == 2 and self._frames is not None:
            self.repeated_at[sql] = self._frames.capture(frame, 1)

    def note(self, sql: Any, rows: Sequence[Any]) -> None:
        """Add rows that a statement returned."""
        full = sum(1 for row in rows if any(not _is_nothing(value) for value in row))
        if not full:
            return
        tables = set(shape_of(str(sql)).tables) - self._framework
        if full == 1 and tables <= self._expected:
            self._expected -= tables
            return
        if tables:
            self.count += full
            self.statements.add(str(sql))


def _is_nothing(value: Any) -> bool:
    return isinstance(value, int | float | str | None) and value in _NOTHING


def _framework_tables() -> set[str]:
    found = set(_FRAMEWORK_TABLES)
    for model in apps.get_models():
        meta = model._meta  # noqa: SLF001  # Django's public name for it
        if meta.app_label in _FRAMEWORK_APPS:
            found.add(meta.db_table)
    return found


class _Cursor(CursorWrapper):
    """Django's own cursor, which shows its rows to the counter as they are fetched."""

    def __init__(self, cursor: Any, connection: Any, seen: RowsSeen) -> None:
        super().__init__(cursor, connection)
        self._seen = seen
        self._sql: Any = ""

    def execute(self, sql: Any, params: Any = None) -> Any:
        self._sql = sql
        self._seen.note_sent(str(sql), sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
        return super().execute(sql, params)

    def fetchone(self) -> Any:
        row = self.__getattr__("fetchone")()
        self._seen.note(self._sql, [row] if row else [])
        return row

    def fetchmany(self, *arguments: Any) -> Any:
        rows = self.__getattr__("fetchmany")(*arguments)
        self._seen.note(self._sql, rows)
        return rows

    def fetchall(self) -> Any:
        rows = self.__getattr__("fetchall")()
        self._seen.note(self._sql, rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():
            self._seen.note(self._sql, [row])
            yield row
