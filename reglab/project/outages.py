"""Outages of the database: each statement of a block fails, from one on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

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
