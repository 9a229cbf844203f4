"""Writers of a table: the statements that name it, or else the triggers that could have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reglab.project.data.driver import fetch, is_postgres, is_sqlite
from reglab.report.records import Evidence

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from reglab.counters.queries import QueryCounter, StatementGroup

_POSTGRES_TRIGGERS: Final = """
    SELECT t.tgrelid::regclass::text, t.tgname::text, p.proname::text
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal OR p.proname ~ '^RI_FKey_(cascade|setnull|setdefault)'
    ORDER BY 1, 2
"""
_SQLITE_TRIGGERS: Final = "SELECT tbl_name, name, '' FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2"
_PAST: Final = {"insert": "inserted", "update": "updated", "delete": "deleted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A trigger of the database: the table that fires it, its name, the function that it runs (PostgreSQL)."""

    table: str
    name: str
    function: str

    def __str__(self) -> str:
        function = f", function {self.function}()" if self.function else ""
        return f"trigger {self.name} on {self.table}{function}"


def triggers_of(connection: BaseDatabaseWrapper) -> tuple[Trigger, ...]:
    """Return the triggers of a database, cascading foreign keys included, the counters' own left out."""
    if not (is_postgres(connection) or is_sqlite(connection)):
        return ()
    rows = fetch(connection, _POSTGRES_TRIGGERS if is_postgres(connection) else _SQLITE_TRIGGERS)
    return tuple(Trigger(table=table.strip('"'), name=name, function=function) for table, name, function in rows)


def describe_write(*, rows: int, table: str, verb: str) -> str:
    """Return a write as a sentence's subject: "2 rows of audit_log inserted"."""
    return f"{rows} row{'' if rows == 1 else 's'} of {table} {_PAST[verb]}"


def writers(
    *, table: str, verb: str, rows: int, alias: str, queries: QueryCounter | None, triggers: Sequence[Trigger]
) -> tuple[Evidence, ...]:
    """Return who wrote `table`, most likely first: statements that do so themselves, else triggers of written tables.

    Without a query counter, or where neither is known, one piece of evidence says what was written.
    """
    groups = [group for group in queries.groups() if group.alias == alias] if queries else []
    direct = [group for group in groups if (table, verb) in group.shape.writes]
    if direct:
        return tuple(_written(group, rows=rows, table=table, verb=verb) for group in direct)
    what = describe_write(rows=rows, table=table, verb=verb)
    fired = [(group, trigger) for group in groups for trigger in triggers if trigger.table in _targets(group)]
    if fired:
        return tuple(
            Evidence(
                kind="write",
                text=f"{what} by {trigger}, fired by {group.shape.text}",
                count=group.count,
                source=group.source,
                frames=group.frames,
                table=table,
            )
            for group, trigger in fired
        )
    past_wrappers = " by no statement that went through Django's cursors: a raw cursor, COPY or a trigger"
    return (Evidence(kind="write", text=what + (past_wrappers if queries else ""), table=table),)


def _written(group: StatementGroup, *, rows: int, table: str, verb: str) -> Evidence:
    what = describe_write(rows=rows, table=table, verb=verb)
    return Evidence(
        kind="write",
        text=f"{what} by {group.shape.text}",
        count=group.count,
        source=group.source,
        frames=group.frames,
        table=table,
    )


def _targets(group: StatementGroup) -> set[str]:
    return {table for table, _ in group.shape.writes}
