"""Schemas as the catalogue has them: whether a database that was upgraded is one that was made anew."""

import re
from collections.abc import Mapping
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.driver import fetch

# Of joins that call the namespace n and the table c.
OWN_TABLES: Final = "n.nspname !~ '^(pg_|information_schema)' AND c.relname <> 'django_migrations'"
# Each thing in words, with its table. Names of constraints and indexes are left out: a renamed one is the same.
_THINGS: Final = f"""
    SELECT c.relname::text, 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce(CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' ELSE ' GENERATED ' END
                    || pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND {OWN_TABLES}
    UNION ALL
    SELECT c.relname::text, 'constraint ' || pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OWN_TABLES}
    UNION ALL
    SELECT c.relname::text,
        regexp_replace(pg_get_indexdef(x.indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON ', '\\1index on ')
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {OWN_TABLES}
    UNION ALL
    SELECT c.relname::text, regexp_replace(pg_get_triggerdef(t.oid), '^CREATE ', '')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND {OWN_TABLES}
    UNION ALL
    SELECT c.relname::text, 'view ' || pg_get_viewdef(c.oid)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {OWN_TABLES}
"""  # noqa: S608  # no value is in it
_BLANKS: Final = re.compile(r"\s+")

# Things of each table, in words.
Schema = Mapping[str, frozenset[str]]


def schema_of(connection: BaseDatabaseWrapper) -> Schema:
    """Return what a PostgreSQL database has now, by table: columns, constraints, indexes, triggers, views."""
    things: dict[str, set[str]] = {}
    for table, thing in fetch(connection, _THINGS):
        things.setdefault(table, set()).add(_BLANKS.sub(" ", thing).strip())
    return {table: frozenset(found) for table, found in things.items()}


def apart(*, upgraded: Schema, new: Schema) -> tuple[tuple[str, str], ...]:
    """Return, by table, what one of two databases has and the other has not, in words; empty where they are alike."""
    found = []
    for table in sorted({*upgraded, *new}):
        here, there = upgraded.get(table, frozenset()), new.get(table, frozenset())
        if here != there:
            parts = [f"it lacks {thing}" for thing in sorted(there - here)]
            parts += [f"it still has {thing}" for thing in sorted(here - there)]
            found.append((table, "; ".join(parts)))
    return tuple(found)
