"""Indexes that migrations drop, and the statements of scenarios that still ask by what they were on."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.project.audit_ground import AuditGround
from reglab.project.data.driver import fetch
from reglab.project.data.isolation import forget_caches, rolled_back
from reglab.project.requests.silence import quiet
from reglab.project.statement_clauses import clauses_of

# What an index begins with: its first column, or those of its first expression. Few rows are true, or false: such a
# column chooses nothing.
_INDEXES: Final = """
    SELECT i.relname::text, c.relname::text, m.amname::text, pg_get_indexdef(x.indexrelid, 1, true), ARRAY(
        SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.atttypid <> 'bool'::regtype AND (
            a.attnum = x.indkey[0] OR (x.indkey[0] = 0 AND a.attnum IN (
                SELECT d.refobjsubid FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                AND d.objid = x.indexrelid AND d.refobjid = c.oid AND d.refobjsubid <> ALL (x.indkey::int2[])))))
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_am m ON m.oid = i.relam JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relname <> 'django_migrations'
"""
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index: its table, its method ("btree", "gin"), and what it begins with, as text and by columns."""

    name: str
    table: str
    method: str
    begins_with: str
    columns: frozenset[str]


def indexes_of(connection: BaseDatabaseWrapper) -> tuple[Index, ...]:
    """Return the indexes that a PostgreSQL database has now."""
    return tuple(
        Index(name=name, table=table, method=method, begins_with=begins_with, columns=frozenset(columns))
        for name, table, method, begins_with, columns in fetch(connection, _INDEXES)
    )


def dropped(before: Collection[Index], connection: BaseDatabaseWrapper) -> tuple[Index, ...]:
    """Return the indexes of `before` that are gone, and that no index of their method and beginning stands in for."""
    after = indexes_of(connection)
    names, tables = {one.name for one in after}, {one.table for one in after}
    served = {(one.table, one.method, one.begins_with) for one in after}
    return tuple(
        one
        for one in before
        if one.name not in names and one.table in tables and (one.table, one.method, one.begins_with) not in served
    )


def askers(indexes: Collection[Index], ground: AuditGround) -> Mapping[str, tuple[str, StatementGroup]]:
    """Return, by index, the first scenario with a statement that has a condition on what the index began with.

    Pages of the admin come last: whoever is kept waiting there is on the staff.
    """
    found: dict[str, tuple[str, StatementGroup]] = {}
    for scenario in sorted(ground.scenarios, key=lambda one: one.as_superuser):
        counter = QueryCounter(ground.connections, frames=ground.frames)
        forget_caches()
        with quiet(), rolled_back(), counter:
            ground.visitor().send(ground.requests(scenario), responses=[])
        for group in counter.groups():
            asked = set(_asked_columns(group))
            for one in indexes:
                if one.name not in found and one.columns and {(one.table, each) for each in one.columns} <= asked:
                    found[one.name] = scenario.name, group
    return found


def _asked_columns(group: StatementGroup) -> Iterator[tuple[str, str]]:
    """Give table and column of each word of a statement's conditions: "shop_book.tags @> ?" names both."""
    clauses = clauses_of(group.shape.text)
    for condition in clauses.conditions if clauses else ():
        words = _WORD.findall(condition)
        for table in group.shape.tables:
            if table in words or len(group.shape.tables) == 1:
                yield from ((table, word) for word in words)
