"""PostgreSQL's answer to what an index can serve: EXPLAIN without sequential scans, asked twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from reglab.counters.queries import StatementGroup
from reglab.counters.scans.predicates import (
    casts_of,
    compares_own,
    conjuncts,
    flags_of,
    with_plain_likes,
    without_literals,
    words_of,
)
from reglab.counters.scans.unserved import Scan
from reglab.project.data.driver import client_cursor, fetch

# What the planner is made to believe of a table that looked unserved: with a page or two of rows, a walk over any
# index at all is cheaper than a trigram index that serves the predicate.
_MANY_ROWS: Final = 1_000_000
# Nodes that read all of their input before they return a row: a LIMIT above them ends nothing early.
_REFILLS: Final = frozenset({"Sort", "Incremental Sort", "Aggregate", "Hash", "Unique", "SetOp", "WindowAgg"})
_BITMAPS: Final = frozenset({"Bitmap Heap Scan", "BitmapAnd", "BitmapOr"})
_JOINS: Final = ("Hash Cond", "Merge Cond", "Join Filter")
_INDEXES: Final = """
    SELECT i.indexrelid::regclass::text, m.amname::text, coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
           pg_get_indexdef(i.indexrelid, 1, true)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'
"""
_KEYS: Final = """
    SELECT t.relname::text, coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
           array_agg(a.attname::text ORDER BY k.place)
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_am m ON m.oid = x.relam JOIN pg_namespace n ON n.oid = t.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE m.amname = 'btree' AND i.indexprs IS NULL AND i.indisvalid
    AND k.place <= i.indnkeyatts AND n.nspname !~ '^pg_' GROUP BY i.indexrelid, t.relname, i.indpred, i.indrelid
"""
_COLUMNS: Final = """
    SELECT c.relname::text, array_agg(a.attname::text),
    coalesce(array_agg(a.attname::text) FILTER (WHERE a.atttypid = 'bool'::regtype), '{}'),
    coalesce(array_agg(a.attname::text) FILTER (WHERE a.atttypid IN ('text'::regtype, 'varchar'::regtype)), '{}'),
    coalesce(array_agg(a.attname::text) FILTER (WHERE a.attnotnull AND a.atttypid <> 'bool'::regtype), '{}')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_' GROUP BY 1
"""
_SCALE_UP: Final = """
    UPDATE pg_class SET reltuples = %s, relpages = 1
    WHERE oid IN (SELECT c.oid FROM pg_class c WHERE c.relname = ANY (%s) UNION
                  SELECT i.indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname = ANY (%s))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    method: str
    predicate: str
    leading: str

    @property
    def is_partial(self) -> bool:
        """Whether it holds only the rows of its predicate."""
        return bool(self.predicate)


class PostgresExplainer:
    """Explains statements in PostgreSQL with sequential scans switched off, inside a savepoint of its own."""

    def __init__(self, connection: Any) -> None:
        self.error: type[Exception] = connection.Database.Error
        self._connection = connection
        self._indexes = {
            name.rpartition(".")[2].strip('"'): _Index(method=method, predicate=predicate, leading=leading)
            for name, method, predicate, leading in fetch(connection, _INDEXES)
        }
        columns = fetch(connection, _COLUMNS)
        self._columns = {table: frozenset(names) for table, names, *_ in columns}
        self._flags = {table: frozenset(names) for table, _, names, *_ in columns}
        self._texts = {table: frozenset(names) for table, _, _, names, _ in columns}
        self._always = {table: frozenset(names) for table, *_, names in columns}
        self._keys = fetch(connection, _KEYS)
        self._may_scale = fetch(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0][0]

    def scans(self, group: StatementGroup) -> tuple[Scan, ...]:
        """Return the unserved scans of one statement, explained with its real parameters. Raises `error`."""
        scans = self._plan(group, scaled=())
        scans = tuple(scan for scan in scans if not (scan.has_predicate and self._is_empty(scan)))
        suspects = sorted({scan.table for scan in scans if scan.has_predicate})
        if not suspects or not self._may_scale:
            return scans
        still = {scan.part for scan in self._plan(group, scaled=suspects)}
        return tuple(
            scan for scan in scans if (scan.part in still and not self._is_indexed(scan)) or not scan.has_predicate
        )

    def _is_empty(self, scan: Scan) -> bool:
        """Tell whether a table has no row: how a planner goes through nothing says nothing of an index."""
        name = self._connection.ops.quote_name(scan.table)
        if fetch(self._connection, "SELECT to_regclass(%s)", (name,))[0][0] is None:
            return False  # in a schema that is not searched: the plan gives no schema
        return not fetch(self._connection, f"SELECT EXISTS (SELECT 1 FROM {name})")[0][0]  # noqa: S608  # of the catalogue

    def _is_indexed(self, scan: Scan) -> bool:
        """Tell whether an index can be entered: the planner goes another way, for the rows that are there.

        A partial one where its predicate is asked for, or is that of the partial index that the planner walks.
        """
        texts = self._texts.get(scan.table, frozenset())
        if any(kind != "text" or column not in texts for column, kind in casts_of(scan.predicate)):
            # Another type than the index's. A text of limited length is shown as one of any length, and is none.
            return False
        walked = self._indexes.get(scan.walked_index)
        asked = {*conjuncts(scan.predicate), *(conjuncts(walked.predicate) if walked and walked.predicate else ())}
        usable = (
            keys[0]
            for table, predicate, keys in self._keys
            if table == scan.table
            and (not predicate or (_is_plain(predicate) and asked.issuperset(conjuncts(predicate))))
        )
        return scan.is_entered_by(set(usable))

    def _plan(self, group: StatementGroup, *, scaled: Sequence[str]) -> tuple[Scan, ...]:
        fetch(self._connection, "SAVEPOINT bench_explain")
        try:
            fetch(self._connection, "SET LOCAL enable_seqscan = off")
            if scaled:
                fetch(self._connection, _SCALE_UP, (_MANY_ROWS, list(scaled), list(scaled)))
            with closing(client_cursor(self._connection)) as cursor:
                # Bound by the client, as Django does: the server then plans for these values and no others.
                cursor.execute(f"EXPLAIN (FORMAT JSON) {group.sql}", group.parameters)
                plan = cursor.fetchall()[0][0][0]["Plan"]
        finally:
            fetch(self._connection, "ROLLBACK TO SAVEPOINT bench_explain")
            fetch(self._connection, "RELEASE SAVEPOINT bench_explain")
        return tuple(dict.fromkeys(self._scans(plan, is_limited=False, join="")))

    def _scans(self, node: Mapping[str, Any], *, is_limited: bool, join: str) -> Iterator[Scan]:
        kind = node["Node Type"]
        table = node.get("Relation Name", "")
        if table:
            scan = self._judged(node, table=table, is_limited=is_limited, join=join)
            if scan:
                yield scan
        if kind not in {"BitmapAnd", "BitmapOr", "Bitmap Heap Scan"}:
            join = (
                " AND ".join(filter(None, (node.get(name, "") for name in ("Hash Cond", "Merge Cond", "Join Filter"))))
                or join
            )
            is_limited = kind == "Limit" or (is_limited and kind not in _REFILLS)
            for child in node.get("Plans", ()):
                yield from self._scans(child, is_limited=is_limited, join=join)
        else:
            return

    def _judged(self, node: Mapping[str, Any], *, table: str, is_limited: bool, join: str) -> Scan | None:
        kind = node["Node Type"]
        if kind in {"ModifyTable", "Tid Scan", "Tid Range Scan"}:
            return None
        accesses = list(_accesses(node))
        if any(self._enters(access) for access in accesses):
            return None
        alias, known_flags = node.get("Alias", table), self._flags.get(table, frozenset())
        asked = with_plain_likes(node.get("Filter", "") or _conditions(accesses))
        predicate = self._enterable(asked, table=table, alias=alias)
        flags = flags_of(predicate, flags=known_flags, alias=alias) if predicate else ()
        if predicate and not flags:
            columns = self._named(table, predicate)
            # A predicate that compares no column of the table (a parameter, a subquery) is nothing to index.
            walked = accesses[0].get("Index Name", "") if accesses else ""
            return Scan(table=table, columns=columns, predicate=predicate, walked_index=walked) if columns else None
        if kind == "Seq Scan" and join:
            columns = self._named(table, join, qualifier=alias)
            if columns:
                return Scan(table=table, columns=columns, predicate=join)
        # Whether a value is there that must be there is not asked: such a predicate lets every row through.
        flags = tuple(one for one in flags if one not in self._always.get(table, ()))
        if (is_limited and not flags) or (kind != "Seq Scan" and (is_limited or join)):
            # A page of whatever comes first, or in the index's order, or a join that walks both sides in order.
            return None
        is_partial = any(self._is_partial(access) for access in accesses)
        return None if is_partial else Scan(table=table, columns=(), predicate="", flags=flags)

    def _enterable(self, predicate: str, *, table: str, alias: str) -> str:
        """Return a predicate without what compares columns of one row: as it is where there is nothing of the kind."""
        columns = self._columns.get(table, frozenset())
        own = columns | {f"{alias}.{column}" for column in columns}
        parts = conjuncts(predicate) if predicate else ()
        kept = [part for part in parts if not compares_own(part, own)]
        return predicate if len(kept) == len(parts) else " AND ".join(kept)

    def _enters(self, access: Mapping[str, Any]) -> bool:
        """Return whether an index is entered by its leading column; one that is not is read from end to end."""
        condition = access.get("Index Cond")
        index = self._indexes.get(access.get("Index Name", ""))
        if not condition or index is None or index.method != "btree":
            return bool(condition)
        leading = words_of(index.leading)
        return not leading or leading <= words_of(condition)

    def _is_partial(self, access: Mapping[str, Any]) -> bool:
        index = self._indexes.get(access.get("Index Name", ""))
        return index is not None and index.is_partial

    def _named(self, table: str, predicate: str, *, qualifier: str = "") -> tuple[str, ...]:
        known = self._columns.get(table, frozenset())
        text = without_literals(predicate)
        if qualifier:
            found = {
                plain or quoted
                for quoted, plain in re.findall(rf"\b{re.escape(qualifier)}\.(?:\"([^\"]+)\"|(\w+))", text)
            }
            return tuple(sorted(found & known))
        return tuple(sorted(words_of(text) & known))


def _is_plain(predicate: str) -> bool:
    """Tell whether a predicate compares with no value of its own: conditions are told apart without their values."""
    return without_literals(predicate) == predicate


def _accesses(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the index scans that feed one scan of a table: itself, or those of its bitmap."""
    if "Index Name" in node:
        yield node
    if node["Node Type"] in _BITMAPS:
        for child in node.get("Plans", ()):
            if child["Node Type"] in {"Bitmap Index Scan", *_BITMAPS}:
                yield from _accesses(child)


def _conditions(accesses: Iterable[Mapping[str, Any]]) -> str:
    return " AND ".join(access["Index Cond"] for access in accesses if access.get("Index Cond"))
