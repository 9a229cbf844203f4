"""Faults: a real error of the database in place of one statement, or an exception in place of work after a commit."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

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
    `commit_work` are the lines that gave one.
    """

    def __init__(
        self,
        connections: Sequence[BaseDatabaseWrapper],
        *,
        number: int,
        frames: ProjectFrames,
        fails_commit_work: bool = False,
    ) -> None:
        self.number = number
        self.sent: list[Sent] = []
        self.commit_work: list[tuple[Mark, ...]] = []
        self._connections = connections
        self._frames = frames
        self._fails_commit_work = fails_commit_work
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
        """The project's lines that sent the failed statement, from the function that had written before it on."""
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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _around(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        text = sql if isinstance(sql, str) else str(sql)
        if not text.strip() or text.split(None, 1)[0].upper() in _CONTROL:
            return execute(sql, parameters, many, context)
        frame = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
        self.sent.append(Sent(sql=text, marks=self._frames.capture(frame, _FRAMES_KEPT)))
        if len(self.sent) != self.number:
            return execute(sql, parameters, many, context)
        return execute(_ERROR, None, False, context)

    def _noted(self, on_commit: Callable[..., None]) -> Callable[..., None]:
        def noted(function: Callable[[], object], robust: bool = False) -> None:
            self.commit_work.append(self._frames.capture(sys._getframe(1)))  # noqa: SLF001
            on_commit(_failing if self._fails_commit_work else function, robust)

        return noted


def _failing() -> None:
    raise WorkAfterCommitFailed("made to fail by the audit")
