"""Statements that other threads of this process send, and the lines of asynchronous code that wait for them."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

from asgiref.sync import SyncToAsync
from django.db.backends.utils import CursorWrapper

from reglab.project.source_lines import AWAITING

Wrapper = Callable[..., Any]
# Where Django applies the wrappers.
_EVERY_STATEMENT: Final = "_execute_with_wrappers"
_EVERY_CALL: Final = "__call__"
_FRAMES_MAX: Final = 40


@contextmanager
def awaiting_noted() -> Iterator[None]:
    """Let whoever looks for the project's lines find those that wait for work in a thread, as `await book.asave()`."""
    call: Any = vars(SyncToAsync)[_EVERY_CALL]

    async def noted(function: Any, *arguments: Any, **named: Any) -> Any:
        token = AWAITING.set(tuple(_lines(sys._getframe(1))))  # noqa: SLF001  # the documented way to a frame
        try:
            return await call(function, *arguments, **named)
        finally:
            AWAITING.reset(token)

    setattr(SyncToAsync, _EVERY_CALL, noted)
    try:
        yield
    finally:
        setattr(SyncToAsync, _EVERY_CALL, call)


def _lines(frame: FrameType | None) -> Iterator[tuple[CodeType, int]]:
    for _ in range(_FRAMES_MAX):
        if frame is None:
            return
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back


@contextmanager
def statements_of_other_threads(wrapper: Wrapper) -> Iterator[None]:
    """Wrap each statement that another thread sends through Django's cursors, as `execute_wrapper` does for this one.

    Each thread has connections of its own, so that no wrapper of a connection sees them.
    """
    here = threading.get_ident()
    execute: Any = vars(CursorWrapper)[_EVERY_STATEMENT]

    def noted(cursor: Any, sql: Any, params: Any, many: bool, executor: Any) -> Any:
        # A connection that threads share is wrapped already.
        if threading.get_ident() == here or wrapper in cursor.db.execute_wrappers:
            return execute(cursor, sql, params, many, executor)

        def go_on(sql: Any, params: Any, many: bool, _: Any) -> Any:
            return execute(cursor, sql, params, many, executor)

        return wrapper(go_on, sql, params, many, {"connection": cursor.db, "cursor": cursor})

    # Plain: a mock's own patching costs more than a query.
    setattr(CursorWrapper, _EVERY_STATEMENT, noted)
    try:
        yield
    finally:
        setattr(CursorWrapper, _EVERY_STATEMENT, execute)
