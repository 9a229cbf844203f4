"""SQLite's answer to what an index can serve: EXPLAIN QUERY PLAN."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from reglab.counters.queries import StatementGroup
from reglab.counters.scans.predicates import compares_own, null_tests, without_subqueries
from reglab.counters.scans.unserved import Scan
from reglab.project.data.driver import fetch

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_STEP: Final = re.compile(r"^(SCAN|SEARCH) (?:TABLE )?(\w+)(?: AS (\w+))?(?: USING (.*))?$")
_INDEXED: Final = """
    SELECT list.name, info.name FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS info
    WHERE NOT list.partial ORDER BY list.name, info.seqno
"""
_WHERE: Final = re.compile(r"\bWHERE\b(.*?)(?:\bGROUP BY\b|\bORDER BY\b|\bLIMIT\b|$)", re.IGNORECASE | re.DOTALL)
_COLUMN: Final = re.compile(r"\"([^\"]+)\"|\b([A-Za-z_]\w*)\b")
_UNSERVED: Final = re.compile(r" LIKE |<>")
_NO_ALIAS: Final = r"(?!(?:ON|WHERE|INNER|LEFT|CROSS|ORDER|GROUP|LIMIT|USING|SET)\b)"
_SOURCE: Final = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE)\s+\"?(\w+)\"?(?:\s+(?:AS\s+)?{_NO_ALIAS}\"?(\w+)\"?)?", re.IGNORECASE
)


class SqliteExplainer:
    """SQLite says SCAN or SEARCH for each table; the predicate's columns are read from the statement."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        import sqlite3

        self.error: type[Exception] = sqlite3.Error
        self._connection = connection

    def scans(self, group: StatementGroup) -> tuple[Scan, ...]:
        """Return the unserved scans of one statement. Raises `error`."""
        statement = f"EXPLAIN QUERY PLAN {_bound(group)}"
        steps = [row[3] for row in fetch(self._connection, statement, tuple(group.parameters or ()))]
        names = {alias or table: table for table, alias in _SOURCE.findall(group.shape.text)}
        is_page = " LIMIT " in group.shape.text and not any("TEMP B-TREE" in step for step in steps)
        scans = (scan for step in steps for scan in self._scan(step, group.shape.text, names, is_page=is_page))
        return tuple(dict.fromkeys(scans))

    def _scan(self, detail: str, text: str, names: Mapping[str, str], *, is_page: bool) -> Iterator[Scan]:
        step = _STEP.match(detail)
        if not step or step[1] == "SEARCH":
            return
        name, index = step[3] or step[2], (step[4] or "").rpartition("INDEX ")[2]
        if name not in names:
            # Not a table: a subquery, a common table expression, a list of values.
            return
        predicate = self._predicate(name, names[name], text)
        columns = _columns_in(name, predicate) - self._covered(index)
        if columns and self._is_indexed(names[name], columns):
            # The planner has an index that begins with them, and goes another way: no other one would help.
            return
        known_flags = self._flags(names[name]) | null_tests(predicate)
        flags = tuple(sorted(columns)) if columns and columns <= known_flags else ()
        if (columns and not flags) or not is_page:
            kept = () if flags else tuple(sorted(columns))
            # Told only where it says why a plain index would not serve.
            told = predicate if kept and _UNSERVED.search(predicate) else ""
            yield Scan(table=names[name], columns=kept, predicate=told, walked_index=index, flags=flags)

    def _predicate(self, name: str, table: str, text: str) -> str:
        """Return the conditions that an index of a table could be entered with; all of them where none can be told."""
        # The parser is a library that a judge of records never loads.
        from reglab.project.statement_clauses import clauses_of

        clauses = clauses_of(text)
        if clauses is None:
            where = _WHERE.search(text)
            return where[1] if where else ""
        rows = fetch(self._connection, "SELECT name FROM pragma_table_info(?)", (table,))
        own = frozenset(f"{name}.{column}" for (column,) in rows)
        plain = (without_subqueries(condition).replace('"', "") for condition in sorted(clauses.conditions))
        return " AND ".join(f"({condition})" for condition in plain if not compares_own(condition, own))

    def _flags(self, table: str) -> frozenset[str]:
        """Return a table's columns of true and false, which Django declares as `bool`."""
        rows = fetch(self._connection, "SELECT name FROM pragma_table_info(?) WHERE lower(type) = 'bool'", (table,))
        return frozenset(name for (name,) in rows)

    def _is_indexed(self, table: str, columns: frozenset[str]) -> bool:
        """Tell whether a whole index of a table begins with these columns, in any order, or they are its rows' key."""
        key = fetch(self._connection, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
        leading: dict[str, list[str]] = {"": [column for (column,) in key]}
        for name, column in fetch(self._connection, _INDEXED, (table,)):
            leading.setdefault(name, []).append(column)
        return any(set(found[: len(columns)]) == columns for found in leading.values())

    def _covered(self, index: str) -> frozenset[str]:
        """Return the columns that a partial index's own condition settles."""
        if not index:
            return frozenset()
        rows = fetch(self._connection, "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", (index,))
        _, _, condition = (rows[0][0] or "").partition(" WHERE ") if rows else ("", "", "")
        return frozenset(quoted or plain for quoted, plain in _COLUMN.findall(condition))


def _bound(group: StatementGroup) -> str:
    """Return the statement in the driver's placeholders, as Django's cursor for SQLite would send it."""
    if group.parameters is None:
        return group.sql
    return group.sql.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def _columns_in(name: str, predicate: str) -> frozenset[str]:
    return frozenset(re.findall(rf"\"?\b{re.escape(name)}\"?\.\"?(\w+)\"?", predicate))
