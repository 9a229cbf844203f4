"""Constraints before and after a migration: the rules that the database kept, and keeps no longer.

Columns are compared by their numbers, so that a renamed column, table or constraint is the one that it was.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.migrations_audit.schema import OWN_TABLES
from reglab.project.data.driver import fetch

# A unique index without a constraint keeps the same rule: Django makes one for conditions and expressions. What such
# an index is on stands in its dependencies; `conkey` and `indkey` have 0 for an expression.
_CONSTRAINTS: Final = f"""
    SELECT c.oid::bigint, c.relname, k.contype::text, k.conname, array_remove(
        k.conkey::int[] || ARRAY(
            SELECT d.refobjsubid FROM pg_depend d
            WHERE k.contype = 'x' AND d.classid = 'pg_class'::regclass AND d.objid = k.conindid
              AND d.refobjid = k.conrelid AND d.refobjsubid > 0
        ), 0), pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype IN ('f', 'c', 'x') AND {OWN_TABLES}
    UNION ALL
    SELECT c.oid::bigint, c.relname, 'u', i.relname, array_remove(
        (x.indkey::int2[])::int[] || ARRAY(
            SELECT d.refobjsubid FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid AND d.refobjid = x.indrelid
              AND 0 = ANY (x.indkey::int2[])
        ), 0), pg_get_indexdef(x.indexrelid)
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE x.indisunique AND x.indisvalid AND {OWN_TABLES}
    UNION ALL
    SELECT c.oid::bigint, c.relname, 't', t.tgname, '{{}}', pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND {OWN_TABLES}
"""  # noqa: S608  # no value is in it
_COLUMNS: Final = """
    SELECT a.attrelid::bigint, a.attnum::int, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
_KINDS: Final = {"f": "foreign key", "c": "check", "x": "exclusion", "u": "unique"}
_TRIGGER: Final = "t"
_EVENTS: Final = re.compile(r"\b(INSERT|UPDATE|DELETE|TRUNCATE)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One rule of the database, or a trigger: its table by number and name, its kind, the numbers of its columns."""

    table_number: int
    table: str
    kind: str
    name: str
    columns: frozenset[int]
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostConstraint:
    """A rule that nothing stands in for, and the names of the columns that it was on."""

    constraint: Constraint
    columns: tuple[str, ...]

    @property
    def told(self) -> str:
        """Name the rule as a reader knows it."""
        one = self.constraint
        if one.kind == _TRIGGER:
            return f"the trigger {one.name} of {one.table}: {one.definition}"
        on = ", ".join(self.columns)
        return f"the {_KINDS[one.kind]} constraint {one.name} of {one.table} ({on}): {one.definition}"


def constraints_of(connection: BaseDatabaseWrapper) -> tuple[Constraint, ...]:
    """Return the rules that the database keeps now: unique indexes are such rules, too, and triggers keep others."""
    return tuple(
        Constraint(
            table_number=table_number,
            table=table,
            kind=kind,
            name=name,
            columns=frozenset(columns or ()),
            definition=definition,
        )
        for table_number, table, kind, name, columns, definition in fetch(connection, _CONSTRAINTS)
    )


def lost_constraints(before: Collection[Constraint], connection: BaseDatabaseWrapper) -> Iterator[LostConstraint]:
    """Yield the rules of `before` that are gone although their tables and columns are there, and that none replaces."""
    after = constraints_of(connection)
    known = {(one.table_number, one.kind, one.definition) for one in before}
    new = [one for one in after if (one.table_number, one.kind, one.definition) not in known]
    names = {(table, number): name for table, number, name in fetch(connection, _COLUMNS)}
    tables = {table for table, _ in names}
    for one in before:
        columns = tuple(names.get((one.table_number, number), "") for number in sorted(one.columns))
        is_there = one.table_number in tables if one.kind == _TRIGGER else bool(columns) and all(columns)
        if is_there and not _is_kept(one, after=after, new=new):
            yield LostConstraint(constraint=one, columns=columns)


def _is_kept(one: Constraint, *, after: Collection[Constraint], new: Collection[Constraint]) -> bool:
    """Tell whether the rule is there under any name, or others are meant in its place.

    A trigger that comes with others stands for those that fired on no other events. Uniqueness of some of the columns
    is stricter than that of all. A reference from the same columns stands for the one before. A condition may be split
    or widened: new ones on the same columns stand for it, whatever they say.
    """
    alike = [other for other in after if (other.table_number, other.kind) == (one.table_number, one.kind)]
    if any(other.columns == one.columns and other.definition == one.definition for other in alike):
        return True
    if one.kind == _TRIGGER:
        return _events(one) <= frozenset().union(*map(_events, alike if any(other in new for other in alike) else ()))
    if one.kind == "u":
        return any(other.columns <= one.columns for other in alike)
    if one.kind == "f":
        return any(other.columns == one.columns for other in alike)
    return one.columns <= {column for other in alike if other in new for column in other.columns}


def _events(trigger: Constraint) -> frozenset[str]:
    """Return what a trigger fires on: what stands before the name of its table."""
    return frozenset(_EVENTS.findall(trigger.definition.partition(" ON ")[0]))
