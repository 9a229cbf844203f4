"""Statements that other threads of this process send: work that was moved there is work all the same."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db.backends.utils import CursorWrapper

Wrapper = Callable[..., Any]
# Where Django applies the wrappers.
_EVERY_STATEMENT: Final = "_execute_with_wrappers"


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
