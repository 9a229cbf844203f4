"""Outages of the database: each statement of a block fails, from one on, or is answered too late."""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final
from unittest import mock

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from reglab.project.source_lines import ProjectFrames

# So many statements are answered before the database fails: none, as with a proof of the caller, and with a session's.
FAILING_AFTER: Final = (0, 1, 2)
_OF_TRANSACTIONS: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK")
# File, function and line.
Call = tuple[str, str, int]


@dataclass(slots=True)
class Outage:
    """What was asked of a database in vain: by statement, the project's calls that led to it each time, outer first."""

    asked: dict[str, list[tuple[Call, ...]]] = field(default_factory=dict)

    def asked_again(self) -> Iterator[tuple[str, int, str]]:
        """Yield each statement that was sent again although it had failed, how often, and the line that tried again."""
        for sql, calls in self.asked.items():
            if len(calls) > 1:
                # The calls part where one function went on from another of its lines.
                parted = ((one, other) for one, other in zip(calls[0], calls[1], strict=False) if one != other)
                first, second = next(parted, (("", "", 0), ("", "", 0)))
                place = f"{second[0]}:{second[2]} in {second[1]}" if first[:2] == second[:2] and second[0] else ""
                yield sql, len(calls), place


@contextmanager
def failing(
    connections: Iterable[BaseDatabaseWrapper], *, after: int | None, frames: ProjectFrames | None = None
) -> Iterator[Outage]:
    """Let each statement fail but the first `after`, as in an outage; None lets all of them pass.

    Of those that fail, who asked is noted where `frames` are given.
    """
    answered, outage = 0, Outage()

    def fail(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal answered
        if not str(sql).startswith(_OF_TRANSACTIONS):
            answered += 1
            if after is not None and answered > after:
                if frames:
                    outage.asked.setdefault(str(sql), []).append(_calls(frames))
                raise OperationalError("the database does not answer (a fault of the audit's own)")
        return execute(sql, parameters, many, context)

    with ExitStack() as stack:
        for connection in connections:
            stack.enter_context(connection.execute_wrapper(fail))
        yield outage


def _calls(frames: ProjectFrames) -> tuple[Call, ...]:
    """Return the project's calls that lead here, middleware included."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  # the documented way to a frame
    found: list[Call] = []
    while frame is not None:
        if path := frames.relative(frame.f_code.co_filename):
            found.append((path, frame.f_code.co_qualname, frame.f_lineno))
        frame = frame.f_back
    return tuple(reversed(found))


@dataclass(slots=True)
class Hang:
    """Whether any statement was held back."""

    is_used: bool = False


@contextmanager
def hanging(*, seconds: float) -> Iterator[Hang]:
    """Hold back the statements of other threads than this one until the block ends, for so long in all.

    Who asks the database in a thread of its own does so to give up on it. What this thread asks is answered: nothing
    would ever end it.
    """
    asking, released, hang = threading.get_ident(), threading.Event(), Hang()
    deadline = time.monotonic() + seconds
    execute = CursorWrapper.execute

    def held(cursor: CursorWrapper, *given: Any, **named: Any) -> Any:
        if threading.get_ident() != asking:
            hang.is_used = True
            released.wait(max(0.0, deadline - time.monotonic()))
        return execute(cursor, *given, **named)

    with mock.patch.object(CursorWrapper, "execute", held):
        try:
            yield hang
        finally:
            released.set()
