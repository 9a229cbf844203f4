"""Transactions of a scenario's own inside one that is undone: autocommit as in a server, without its traces.

Inside an ordinary outer `atomic()`, an error of the database aborts everything, and Django's inner blocks cannot roll
back what they would in production. Here Django believes that it is in autocommit mode: each of its transactions is a
savepoint of one transaction of the driver, and each statement outside of one is a savepoint of its own.

Not emulated: SET LOCAL outlives such a commit, `now()` stands still, and threads of the scenario have connections of
their own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.driver import fetch, is_aborted

_PATCHED: Final = ("_set_autocommit", "_commit", "_rollback", "close", "close_if_unusable_or_obsolete")
_TRANSACTION: Final = "reglab_transaction"
_STATEMENT: Final = "reglab_statement"


@contextmanager
def own_transactions(connections: Sequence[BaseDatabaseWrapper]) -> Iterator[None]:
    """Let the block begin, commit and roll back as it likes on PostgreSQL, and undo all of it at the end."""
    with ExitStack() as stack:
        for connection in connections:
            stack.enter_context(_own_transactions(connection))
        yield


@contextmanager
def _own_transactions(connection: BaseDatabaseWrapper) -> Iterator[None]:
    connection.ensure_connection()
    driver = connection.connection
    transactions = _Savepoints(connection)
    driver.autocommit = False
    # The joints where Django reaches for the driver.
    joints: Any = connection
    joints._set_autocommit = transactions.set_autocommit  # noqa: SLF001
    joints._commit = transactions.commit  # noqa: SLF001
    joints._rollback = transactions.rollback  # noqa: SLF001
    # A request closes its connection where it finds it in a state that it does not expect.
    connection.close = connection.close_if_unusable_or_obsolete = _nothing  # type: ignore[method-assign]
    connection.execute_wrappers.insert(0, transactions.around_statement)
    try:
        yield
    finally:
        connection.execute_wrappers.remove(transactions.around_statement)
        for name in _PATCHED:
            delattr(connection, name)
        driver.rollback()
        driver.autocommit = True
        connection.autocommit = True
        connection.in_atomic_block = False
        connection.needs_rollback = False
        connection.closed_in_transaction = False
        connection.savepoint_ids = []
        connection.atomic_blocks = []
        connection.run_on_commit = []


class _Savepoints:
    """Django's transactions on one connection, as savepoints."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._is_open = False

    def set_autocommit(self, autocommit: bool) -> None:
        """Begin a transaction where autocommit is turned off; what ended it has been told already."""
        if not autocommit and not self._is_open:
            self._run(f"SAVEPOINT {_TRANSACTION}")
        self._is_open = not autocommit

    def commit(self) -> None:
        """Commit. PostgreSQL turns the commit of an aborted transaction into a rollback, and says nothing."""
        if not self._is_open:
            return
        if is_aborted(self._connection):
            self._run(f"ROLLBACK TO SAVEPOINT {_TRANSACTION}")
        else:
            self._connection.check_constraints()
            self._run(f"RELEASE SAVEPOINT {_TRANSACTION}")
            self._run(f"SAVEPOINT {_TRANSACTION}")

    def rollback(self) -> None:
        """Undo what the present transaction did."""
        if self._is_open:
            self._run(f"ROLLBACK TO SAVEPOINT {_TRANSACTION}")

    def around_statement(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Let a statement that fails outside of a transaction leave no trace, and abort nothing."""
        if self._is_open:
            return execute(sql, parameters, many, context)
        self._run(f"SAVEPOINT {_STATEMENT}")
        try:
            result = execute(sql, parameters, many, context)
        except BaseException:
            self._run(f"ROLLBACK TO SAVEPOINT {_STATEMENT}")
            self._run(f"RELEASE SAVEPOINT {_STATEMENT}")
            raise
        self._run(f"RELEASE SAVEPOINT {_STATEMENT}")
        return result

    def _run(self, sql: str) -> None:
        fetch(self._connection, sql)


def _nothing(*_: Any, **__: Any) -> None:
    """Stay open."""
