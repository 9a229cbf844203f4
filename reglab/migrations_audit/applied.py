"""Applies migrations one by one, and notes the locks that they hold, the tables that they rewrite, what they drop."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from reglab.migrations_audit.constraints import LostConstraint, constraints_of, lost_constraints
from reglab.migrations_audit.indexes import Index, dropped, indexes_of
from reglab.migrations_audit.places import place_of
from reglab.project.data.driver import fetch

_LOCKS: Final = """
    SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
      AND n.nspname !~ '^(pg_|information_schema)' AND c.relname <> 'django_migrations'
"""
_FILES: Final = """
    SELECT c.relname, pg_relation_filenode(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema)'
"""
_AGAINST_READERS: Final = "AccessExclusiveLock"
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "WITH"})
# Where Django notes which migrations were applied.
_OWN_BOOK: Final = "django_migrations"
_BUILDS: Final = re.compile(r"\s*CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)", re.IGNORECASE)
# What each mode keeps waiting; weaker modes keep nobody from reading or writing rows.
BLOCKED_BY: Final = {
    "AccessExclusiveLock": "readers and writers",
    "ExclusiveLock": "writers",
    "ShareRowExclusiveLock": "writers",
    "ShareLock": "writers",
}


@dataclass(slots=True, kw_only=True)
class Applied:
    """What one migration did beside its rows: the first statement that took each lock, by table and mode.

    `work_under_lock` has the first statement that worked on rows while readers waited for a table, by table,
    `built_under_lock` the one that built an index while its writers waited. `operations` says which operation sent a
    statement, by its number, and `running` which one runs, or ran last.
    """

    migration: Migration
    locks: dict[tuple[str, str], str] = field(default_factory=dict)
    work_under_lock: dict[str, str] = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()
    dropped_indexes: tuple[Index, ...] = ()
    lost_constraints: tuple[LostConstraint, ...] = ()
    built_under_lock: dict[str, str] = field(default_factory=dict)
    operations: dict[str, int] = field(default_factory=dict)
    running: int = 0
    error: str = ""

    def place_of(self, sql: str = "") -> str:
        """Return the line of the operation that sent a statement; of the last one where none is named."""
        return place_of(self.migration, self.operations.get(sql, self.running))

    @property
    def name(self) -> str:
        """The migration as a reader calls it."""
        return f"{self.migration.app_label}.{self.migration.name}"


def applied(connection: BaseDatabaseWrapper, migrations: tuple[Migration, ...]) -> list[Applied]:
    """Apply migrations in their order; stop at the first that fails.

    A constraint, and an index, that one drops and a later one puts another in the place of is not lost.
    """
    executor = MigrationExecutor(connection)
    keys = [(one.app_label, one.name) for one in migrations]
    plan = [one for one, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    state = executor.loader.project_state(
        [key for key in executor.loader.applied_migrations if key in executor.loader.graph.nodes]
    )
    constraints_before, indexes_before = constraints_of(connection), indexes_of(connection)
    done: list[Applied] = []
    for migration in plan:
        result = Applied(migration=migration)
        files, indexes = dict(fetch(connection, _FILES)), indexes_of(connection)
        constraints = constraints_of(connection)
        try:
            with _numbered(result), connection.execute_wrapper(_watching(connection, result, set(files))):
                state = executor.apply_migration(state, migration)
        except Exception as error:  # noqa: BLE001  # a migration is anybody's code
            result.error = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        after = dict(fetch(connection, _FILES))
        result.rewritten = tuple(name for name, node in files.items() if name in after and after[name] != node)
        if not result.error:
            result.lost_constraints = tuple(lost_constraints(constraints, connection))
            rules = {one.constraint.name for one in result.lost_constraints}
            result.dropped_indexes = tuple(one for one in dropped(indexes, connection) if one.name not in rules)
        if (migration.app_label, migration.name) in keys:
            done.append(result)
        if result.error:
            break
    lost = {one.constraint for one in lost_constraints(constraints_before, connection)}
    gone = set(dropped(indexes_before, connection))
    for result in done:
        result.lost_constraints = tuple(one for one in result.lost_constraints if one.constraint in lost)
        result.dropped_indexes = tuple(one for one in result.dropped_indexes if one in gone)
    return done


def unapplied(connection: BaseDatabaseWrapper, migrations: tuple[Migration, ...]) -> dict[str, str]:
    """Undo migrations, the last first; return the reason of each that cannot be undone, by name."""
    for migration in reversed(migrations):
        executor = MigrationExecutor(connection)
        try:
            state = executor.loader.project_state((migration.app_label, migration.name), at_end=False)
            executor.unapply_migration(state, migration)
        except IrreversibleError as error:
            return {f"{migration.app_label}.{migration.name}": str(error)}
        except Exception as error:  # noqa: BLE001  # a migration is anybody's code
            return {f"{migration.app_label}.{migration.name}": f"{type(error).__name__}: {error}"}
    return {}


@contextmanager
def _numbered(result: Applied) -> Iterator[None]:
    """Note which operation of the migration runs."""
    with ExitStack() as stack:
        for number, operation in enumerate(result.migration.operations):
            forwards = operation.database_forwards

            def noted(*given: Any, _number: int = number, _forwards: Callable[..., Any] = forwards) -> Any:
                result.running = _number
                return _forwards(*given)

            stack.enter_context(mock.patch.object(operation, "database_forwards", noted))
        yield


def _watching(connection: BaseDatabaseWrapper, result: Applied, tables: set[str]) -> Callable[..., Any]:
    def watch(execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        waited_for = [table for table, mode in result.locks if mode == _AGAINST_READERS]
        result.operations.setdefault(str(sql), result.running)
        done = execute(sql, parameters, many, context)
        if waited_for and works_on_rows(str(sql), context["cursor"].rowcount):
            for table in waited_for:
                result.work_under_lock.setdefault(table, str(sql))
        if connection.in_atomic_block:
            for table, mode in fetch(connection, _LOCKS):
                # A table that the migration makes keeps nobody waiting.
                if table in tables:
                    is_new = (table, mode) not in result.locks
                    result.locks.setdefault((table, mode), str(sql))
                    if is_new and _BUILDS.match(str(sql)):
                        result.built_under_lock.setdefault(table, str(sql))
        return done

    return watch


def works_on_rows(sql: str, rows: int) -> bool:
    """Tell whether a statement has written rows of the project's own: it takes as long as there are rows."""
    word = sql.split(None, 1)[0].upper() if sql.strip() else ""
    return word in _WRITES and rows > 0 and _OWN_BOOK not in sql
