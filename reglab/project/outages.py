"""Outages of the database: each statement of a block fails, from one on, or is answered too late."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

# So many statements are answered before the database fails: none, as with a proof of the caller, and with a session's.
FAILING_AFTER: Final = (0, 1, 2)
_OF_TRANSACTIONS: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def failing(connections: Iterable[BaseDatabaseWrapper], *, after: int | None) -> Iterator[None]:
    """Let each statement fail but the first `after`, as in an outage; None lets all of them pass."""
    answered = 0

    def fail(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal answered
        if not str(sql).startswith(_OF_TRANSACTIONS):
            answered += 1
            if after is not None and answered > after:
                raise OperationalError("the database does not answer (a fault of the audit's own)")
        return execute(sql, parameters, many, context)

    with ExitStack() as stack:
        for connection in connections:
            stack.enter_context(connection.execute_wrapper(fail))
        yield


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
