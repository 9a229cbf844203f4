"""Faults: a statement that fails, work after a commit that raises, the answer to a commit that is lost."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.source_lines import Mark, ProjectFrames

# A deadlock: an error that any statement may meet, and that aborts the transaction as a real one does.
_ERROR: Final = "DO $$BEGIN RAISE EXCEPTION 'statement failed by the audit' USING ERRCODE = '40P01'; END$$"
_CONTROL: Final = frozenset({"BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "SET"})
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "CALL"})
_FRAMES_KEPT: Final = 12


class WorkAfterCommitFailed(Exception):  # noqa: N818  # it is no error of the subject
    """What work after a commit raises where it is made to fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One statement that was sent, and the project's lines that sent it, innermost first."""

    sql: str
    marks: tuple[Mark, ...]

    @property
    def is_write(self) -> bool:
        """Whether the statement writes, as far as its first word shows."""
        return self.sql.split(None, 1)[0].upper() in _WRITES


class Fault(AbstractContextManager["Fault"]):
    """Lets statement number `number` of the block fail, counted over all connections; 0 fails none.

    Transaction control is not counted. `fails_commit_work` lets each function given to `on_commit` raise instead;
    `commit_work` are the lines that gave one. `lost_commit` is the number of a commit of written rows, 0 for none: it
    is done, and the connection is lost before it is answered. `commits` counts them.
    """

    def __init__(
        self,
        connections: Sequence[BaseDatabaseWrapper],
        *,
        number: int,
        frames: ProjectFrames,
        fails_commit_work: bool = False,
        lost_commit: int = 0,
    ) -> None:
        self.number = number
        self.commits = 0
        self.repeated: list[Sent] = []
        self.sent: list[Sent] = []
        self.commit_work: list[tuple[Mark, ...]] = []
        self._connections = connections
        self._frames = frames
        self._fails_commit_work = fails_commit_work
        self._lost_commit = lost_commit
        self._is_unsaved = False
        self._stack = ExitStack()

    @property
    def has_struck(self) -> bool:
        """Whether there was such a statement."""
        return len(self.sent) >= self.number > 0

    @property
    def failed(self) -> Sent:
        """The statement that failed."""
        return self.sent[self.number - 1]

    @property
    def places(self) -> tuple[str, ...]:
        """The project's lines that sent the failed statement, from the function that had written before it on.

        Of a commit whose answer is lost, those that write behind it.
        """
        if self._lost_commit:
            return self._frames.words(self.repeated[0].marks[:4]) if self.repeated else ()
        marks = self.failed.marks
        last_write = next((one for one in reversed(self.sent[: self.number - 1]) if one.is_write), None)
        shared = {mark[0] for mark in last_write.marks} if last_write else set()
        start = next((index for index, mark in enumerate(marks) if mark[0] in shared), 0)
        return self._frames.words(marks[start : start + 4])

    def words(self, marks: tuple[Mark, ...]) -> tuple[str, ...]:
        """Return lines as a reader wants them."""
        return self._frames.words(marks)

    def __enter__(self) -> Self:
        for connection in self._connections:
            self._stack.enter_context(connection.execute_wrapper(self._around))
            connection.on_commit = self._noted(connection.on_commit)  # type: ignore[method-assign]
            self._stack.callback(delattr, connection, "on_commit")
            self._follow_commits(connection)
        return self

    def _follow_commits(self, connection: Any) -> None:
        """Come to know each commit: of a transaction by Django's own call, else behind the statement."""
        commit = connection._commit  # noqa: SLF001  # the joint where Django reaches for the driver

        def committed() -> None:
            commit()
            self._tell_commit()

        def executed(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
            result = execute(sql, parameters, many, context)
            if not connection.in_atomic_block and not _is_control(str(sql)):
                self._tell_commit()
            return result

        connection._commit = committed  # noqa: SLF001
        self._stack.callback(setattr, connection, "_commit", commit)
        # Outside of what undoes a statement that fails: this one was done.
        connection.execute_wrappers.insert(0, executed)
        self._stack.callback(connection.execute_wrappers.remove, executed)

    def _tell_commit(self) -> None:
        if not self._is_unsaved:
            return
        self._is_unsaved = False
        self.commits += 1
        if self.commits == self._lost_commit:
            raise OperationalError("the connection was lost by the audit: whether the commit is done is not known")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _around(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        text = sql if isinstance(sql, str) else str(sql)
        if _is_control(text):
            return execute(sql, parameters, many, context)
        frame = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
        sent = Sent(sql=text, marks=self._frames.capture(frame, _FRAMES_KEPT))
        self.sent.append(sent)
        if sent.is_write:
            self._is_unsaved = True
            if self.commits >= self._lost_commit > 0:
                self.repeated.append(sent)
        if len(self.sent) != self.number:
            return execute(sql, parameters, many, context)
        return execute(_ERROR, None, False, context)

    def _noted(self, on_commit: Callable[..., None]) -> Callable[..., None]:
        def noted(function: Callable[[], object], robust: bool = False) -> None:
            self.commit_work.append(self._frames.capture(sys._getframe(1)))  # noqa: SLF001
            on_commit(_failing if self._fails_commit_work else function, robust)

        return noted


def _is_control(sql: str) -> bool:
    return not sql.strip() or sql.split(None, 1)[0].upper() in _CONTROL


def _failing() -> None:
    raise WorkAfterCommitFailed("made to fail by the audit")
