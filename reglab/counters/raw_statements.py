"""Counts the statements that the driver ran past Django's cursor wrapper, and tells of connections it cannot see."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial, wraps
from threading import get_ident
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Held, Layer
from reglab.counters.queries import EVIDENCE_KEPT
from reglab.project.data.driver import cursor_factories, fetch, is_postgres, is_sqlite
from reglab.project.statements import shape_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from reglab.project.source_lines import Mark, ProjectFrames

RAW_STATEMENTS: Final = CounterMetric(
    name="raw_statements",
    unit="statements",
    meaning="statements that the driver ran past Django's cursor wrapper",
    held=Held.EVERY_AXIS,
)

_METHODS: Final = ("execute", "executemany", "executescript", "copy", "stream")
_SHORTCUTS: Final = ("execute", "executemany", "executescript")
_BACKENDS: Final = """
    SELECT pid, backend_start::text, coalesce(query_start::text, '') FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawStatement:
    """One call on a driver's own cursor or connection; `method` is "execute", "copy" and so on."""

    alias: str
    sql: str
    method: str
    times: int
    marks: tuple[Mark, ...]


class RawStatementCounter:
    """Counts `raw_statements`: calls on driver cursors that were opened in the block and that no wrapper of Django saw.

    Transaction control is left out; executemany counts a row at a time; COPY is one statement, and its rows are the
    row counter's. It gives the driver's connection a recording cursor class: a cursor opened before the block, and
    anything sent below cursors (libpq), stays unseen. `not_seen` holds sentences about work on other connections.
    """

    def __init__(self, connections: Iterable[BaseDatabaseWrapper], *, frames: ProjectFrames) -> None:
        self.not_seen: tuple[str, ...] = ()
        self.statements: list[RawStatement] = []
        self._connections = tuple(connections)
        self._frames = frames
        self._undo = ExitStack()
        # Above nought while Django's own wrapper, or a method of the driver that calls another, is at work.
        self._depth = 0
        self._thread = 0
        self._opened_elsewhere: list[str] = []
        self._own_backends: set[int] = set()
        self._backends: dict[str, set[tuple[Any, ...]]] = {}

    def __enter__(self) -> Self:
        from django.db.backends.signals import connection_created

        self._thread = get_ident()
        with ExitStack() as undo:
            connection_created.connect(self._note_connection, weak=False)
            undo.callback(connection_created.disconnect, self._note_connection)
            for connection in self._connections:
                connection.ensure_connection()
                undo.enter_context(connection.execute_wrapper(self._pass))
                self._record(connection, undo)
                self._backends[connection.alias] = _backends(connection)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()
        sentences = [f"A connection to {alias!r} was opened in another thread." for alias in self._opened_elsewhere]
        for connection in self._connections:
            changed = _backends(connection) - self._backends[connection.alias]
            others = {pid for pid, *_ in changed} - self._own_backends
            if others:
                sentences.append(
                    f"{len(others)} other session(s) of the database {connection.alias!r} ran statements meanwhile."
                )
        self.not_seen = tuple(f"{sentence} Its statements are not counted." for sentence in sentences)

    def counts(self) -> tuple[Measurement, ...]:
        """Return the one count; evidence is by statement, most repeated first."""
        counted = [entry for entry in self.statements if not shape_of(entry.sql).is_transaction_control]
        groups: dict[tuple[str, str], list[RawStatement]] = {}
        for entry in counted:
            groups.setdefault((entry.alias, shape_of(entry.sql).fingerprint), []).append(entry)
        most_first = sorted(groups.values(), key=lambda group: -sum(entry.times for entry in group))
        return (
            Measurement(
                metric=RAW_STATEMENTS,
                values=(sum(entry.times for entry in counted),),
                evidence=tuple(self._evidence(group) for group in most_first[:EVIDENCE_KEPT]),
            ),
        )

    def _evidence(self, group: list[RawStatement]) -> Evidence:
        first = group[0]
        shape, words = shape_of(first.sql), self._frames.words(first.marks)
        return Evidence(
            kind="statement",
            text=f"{shape.text} — {first.method} on the driver's own cursor",
            count=sum(entry.times for entry in group),
            source=words[0] if words else "",
            frames=words[1:],
            table=shape.tables[0] if shape.tables else "",
        )

    def _pass(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        self._depth += 1
        try:
            return execute(sql, parameters, many, context)
        finally:
            self._depth -= 1

    def _note_connection(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if get_ident() != self._thread:
            self._opened_elsewhere.append(connection.alias)
            if is_postgres(connection):
                # A closed session leaves the server's list a little later: it must not be told of a second time.
                self._own_backends.add(connection.connection.info.backend_pid)

    def _record(self, connection: BaseDatabaseWrapper, undo: ExitStack) -> None:
        driver = connection.connection
        if is_postgres(connection):
            for name, factory in cursor_factories(connection).items():
                undo.callback(setattr, driver, name, getattr(driver, name))
                setattr(driver, name, self._recording(factory, alias=connection.alias))
        elif is_sqlite(connection):
            # SQLite's connection is closed to attributes: a stand-in opens its cursors instead.
            connection.connection = _SqliteStandIn(driver, partial(self._recording, alias=connection.alias))
            undo.callback(setattr, connection, "connection", driver)

    def _recording(self, kind: type[Any], *, alias: str) -> type[Any]:
        methods = {name: self._recorded(getattr(kind, name), alias) for name in _METHODS if hasattr(kind, name)}
        return type(kind.__name__, (kind,), methods)

    def _recorded(self, method: Callable[..., Any], alias: str) -> Callable[..., Any]:
        @wraps(method)
        def recorded(cursor: Any, statement: Any, *arguments: Any, **named: Any) -> Any:
            if self._depth or get_ident() != self._thread:
                return method(cursor, statement, *arguments, **named)
            times = 1
            if method.__name__ == "executemany":
                rows = list(arguments[0] if arguments else named.pop("params_seq"))
                arguments, times = (rows, *arguments[1:]), len(rows)
            self.statements.append(
                RawStatement(
                    alias=alias,
                    sql=_text(statement, cursor),
                    method=method.__name__,
                    times=times,
                    marks=self._frames.capture(sys._getframe(1)),  # noqa: SLF001  # the documented way to a frame
                )
            )
            self._depth += 1
            try:
                return method(cursor, statement, *arguments, **named)
            finally:
                self._depth -= 1

        return recorded


class _SqliteStandIn:
    """Django's SQLite connection, but that its cursors, and those of its shortcuts, are recording ones."""

    def __init__(self, driver: Any, recording: Callable[[type[Any]], type[Any]]) -> None:
        self.__wrapped__ = driver
        self._recording = recording
        self._kinds: dict[type[Any], type[Any]] = {}

    def __getattr__(self, name: str) -> Any:
        if name in _SHORTCUTS:
            return getattr(self.cursor(), name)
        return getattr(self.__wrapped__, name)

    def __enter__(self) -> Any:
        return self.__wrapped__.__enter__()

    def __exit__(self, *error: object) -> Any:
        return self.__wrapped__.__exit__(*error)

    def cursor(self, factory: type[Any] | None = None) -> Any:
        import sqlite3

        kind = factory or sqlite3.Cursor
        if kind not in self._kinds:
            self._kinds[kind] = self._recording(kind)
        return self.__wrapped__.cursor(self._kinds[kind])


def _text(statement: Any, cursor: Any) -> str:
    if isinstance(statement, bytes):
        return statement.decode(errors="replace")
    return str(statement.as_string(cursor)) if hasattr(statement, "as_string") else str(statement)


def _backends(connection: BaseDatabaseWrapper) -> set[tuple[Any, ...]]:
    """Return the other sessions of the database, each with the start of its last statement."""
    if not is_postgres(connection):
        return set()
    # What a transaction sees of the activity is kept from its first look on, unless it lets go of that.
    fetch(connection, "SELECT pg_stat_clear_snapshot()")
    return set(fetch(connection, _BACKENDS))


COUNTER: Final = Definition(
    metrics=(RAW_STATEMENTS,),
    layer=Layer.DRIVER,
    vendors=frozenset({"postgresql", "sqlite"}),
    make=lambda execution: RawStatementCounter(execution.connections, frames=execution.frames),
)
