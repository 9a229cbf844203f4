"""Conditions, limits and locks of a statement, as PostgreSQL's parser reads its readable form."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import postgast
from postgast import PgQueryError, pg_query_pb2

from reglab.project.parsed_statements import leading_table_of, table_names_of

LIMIT: Final = "LIMIT"
LOCK: Final = "FOR UPDATE"
UNWAITING: Final = "SKIP LOCKED or NOWAIT"
STRONGER: Final = "a stronger lock: "
WEAKER: Final = "a weaker lock: "
ORDER: Final = "order by "
RELATIVE: Final = "relative to itself: "
REPLACED: Final = "another condition"
WITHIN: Final = "within alternatives"
_KEYS: Final = ("id", "pk", "uuid")
_COLUMN: Final = re.compile(r"\b[a-z_]\w*\.\w+")
_OR: Final = " OR "
# One column, compared with a value or with nothing: what is written so has no other way to say the same.
_PLAIN: Final = re.compile(r"([\w.]+) (?:(?:=|<>|<=|>=|<|>) \?|IS (?:NOT )?NULL)")
_CACHED: Final = 4096
_HEAD: Final = "SELECT WHERE "
_FILTERED: Final = pg_query_pb2.FuncCall
_CONDITIONED: Final = (pg_query_pb2.SelectStmt, pg_query_pb2.UpdateStmt, pg_query_pb2.DeleteStmt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """What a statement asks for: each condition that has to hold, wherever it stands; its LIMITs, and locks of rows.

    `order` are the expressions that the statement itself, no inner one, is ordered by. `unwaiting` locks
    leave out what others hold, or fail: SKIP LOCKED, NOWAIT. `strength` is that of the strongest lock.

    `relative` are the columns that an UPDATE sets by their own value, `given` those that it sets to a parameter.
    """

    kind: str
    leading_table: str
    tables: frozenset[str]
    conditions: frozenset[str]
    limits: int
    locks: int
    unwaiting: int
    strength: int
    order: tuple[str, ...]
    relative: frozenset[str]
    given: frozenset[str]


@lru_cache(maxsize=_CACHED)
def clauses_of(text: str) -> Clauses | None:
    """Return the clauses of a statement's readable form, "?" for its values; None where it cannot be read."""
    try:
        tree = postgast.parse(text.replace("?", "$1"))
        kind = tree.stmts[0].stmt.WhichOneof("node") if tree.stmts else None
        if kind is None:
            return None
        nodes = [node for one in _CONDITIONED for node in postgast.find_nodes(tree, one)]
        filters = (one.agg_filter for one in postgast.find_nodes(tree, _FILTERED) if one.HasField("agg_filter"))
        updates = [target for node in nodes if _is_update(node) for target in _targets(node)]
        return Clauses(
            kind=str(kind),
            leading_table=leading_table_of(tree),
            tables=frozenset(table_names_of(tree)),
            conditions=frozenset(map(_told, (*_wheres(nodes), *chain.from_iterable(map(_flat, filters))))),
            limits=sum(1 for node in nodes if getattr(node, "limit_count", None) and node.HasField("limit_count")),
            locks=sum(1 for node in nodes if getattr(node, "locking_clause", None)),
            unwaiting=sum(
                one.locking_clause.wait_policy != pg_query_pb2.LockWaitBlock for node in nodes for one in _locks(node)
            ),
            strength=max((one.locking_clause.strength for node in nodes for one in _locks(node)), default=0),
            order=tuple(_sorted_by(tree.stmts[0].stmt)),
            relative=frozenset(one.name for one in updates if _is_relative(one)),
            given=frozenset(one.name for one in updates if one.val.HasField("param_ref")),
        )
    except (PgQueryError, ValueError):
        return None


def lost_clauses(old: Clauses, new: Clauses) -> tuple[str, ...]:
    """Name what one statement asks for and another does not that is the same otherwise; nothing where it is not.

    The statement may have lost the tables of what it lost. A plain comparison in the place of another is a change, told
    as `REPLACED`, what was and what is; other conditions may say the same in other words. A LIMIT is lost where the
    conditions are the same, and none of them names one row; so are a lock of the rows, the end of an order, and a value
    that was reckoned from the row's own: of two requests at once one is undone.
    """
    is_alike = (old.kind, old.leading_table) == (new.kind, new.leading_table) and new.tables <= old.tables
    if not is_alike:
        return ()
    if added := new.conditions - old.conditions:
        return _replaced(old.conditions - new.conditions, added) if new.tables == old.tables else ()
    if gone := old.conditions - new.conditions:
        return tuple(sorted(gone))
    return _lost_beside_conditions(old, new)


def _replaced(gone: AbstractSet[str], added: AbstractSet[str]) -> tuple[str, ...]:
    """Name what is gone although something else is there: what no condition on the same columns stands for.

    One plain comparison in the place of one other is another bound, or another column. Of alternatives, the columns
    that they ask for no longer are named.
    """
    left, unpaired = sorted(gone), []
    for condition in sorted(added):
        same = next((one for one in left if _columns_in(one) == _columns_in(condition)), None)
        if same is None:
            unpaired.append(condition)
        else:
            left.remove(same)
    if left and not unpaired:
        return tuple(left)
    if len(gone) != 1 or len(added) != 1:
        return ()
    (old,), (new,) = gone, added
    is_plain = [bool(_PLAIN.fullmatch(one)) for one in (old, new)]
    if all(is_plain) or (any(is_plain) and _is_wrapped(old, new)):
        return (REPLACED, old, new)
    missing = _columns_in(old) - _columns_in(new)
    return (WITHIN, *sorted(missing)) if missing and _columns_in(new) < _columns_in(old) and _OR in old else ()


def _is_wrapped(old: str, new: str) -> bool:
    """Tell whether one condition asks for a function of the column that the other one compares as it is.

    Other rows may be equal by it, and no index of the column serves it.
    """
    columns = _columns_in(old)
    is_of_one = len(columns) == 1 and columns == _columns_in(new)
    return is_of_one and any(re.search(rf"\w\([^()]*\b{re.escape(next(iter(columns)))}\b", one) for one in (old, new))


def _columns_in(condition: str) -> frozenset[str]:
    return frozenset(_COLUMN.findall(condition))


def _lost_beside_conditions(old: Clauses, new: Clauses) -> tuple[str, ...]:
    if new.locks < old.locks:
        return (LOCK,)
    if new.locks and new.unwaiting < old.unwaiting:
        return (UNWAITING,)
    if lock := _other_lock(old, new):
        return (lock,)
    gone = old.order[len(new.order) :]
    if gone and new.order and new.order == old.order[: len(new.order)] and not _is_total(new):
        return (ORDER + ", ".join(gone),)
    if given := old.relative & new.given:
        return (RELATIVE + ", ".join(sorted(given)),)
    return (LIMIT,) if new.limits < old.limits and not _names_one_row(new) else ()


def _other_lock(old: Clauses, new: Clauses) -> str:
    """Name a lock of another strength, and what was: one without NO KEY holds up rows that point at the locked ones.

    NO KEY is enough for whoever changes no key: with it nothing is lost.
    """
    names = {
        pg_query_pb2.LCS_FORKEYSHARE: "FOR KEY SHARE",
        pg_query_pb2.LCS_FORSHARE: "FOR SHARE",
        pg_query_pb2.LCS_FORNOKEYUPDATE: "FOR NO KEY UPDATE",
        pg_query_pb2.LCS_FORUPDATE: LOCK,
    }
    is_weaker = new.strength < min(old.strength, pg_query_pb2.LCS_FORNOKEYUPDATE)
    if new.locks != old.locks or not (new.strength > old.strength or is_weaker):
        return ""
    return f"{WEAKER if is_weaker else STRONGER}{names.get(new.strength, '')}, no longer {names.get(old.strength, '')}"


@lru_cache(maxsize=_CACHED)
def columns_of(text: str) -> frozenset[str]:
    """Return the columns that a SELECT's readable form reads from each row, as "shop_book.title"; no expressions."""
    try:
        tree = postgast.parse(text.replace("?", "$1"))
    except (PgQueryError, ValueError):
        return frozenset()
    statement = tree.stmts[0].stmt if tree.stmts else None
    if statement is None or statement.WhichOneof("node") != "select_stmt":
        return frozenset()
    refs = (one.res_target.val.column_ref for one in statement.select_stmt.target_list)
    names = ([field.string.sval for field in ref.fields] for ref in refs)
    return frozenset(".".join(parts) for parts in names if len(parts) == 2 and all(parts))


def reads_by_key(text: str) -> bool:
    """Tell whether a statement's readable form asks for one row by its key: how it is found is the planner's choice."""
    clauses = clauses_of(text)
    return clauses is not None and len(clauses.tables) == 1 and _names_one_row(clauses)


def locks_rows(text: str) -> bool:
    """Tell whether a statement's readable form locks the rows that it reads."""
    clauses = clauses_of(text)
    return clauses is not None and clauses.locks > 0


def _names_one_row(clauses: Clauses) -> bool:
    keys = {f"{clauses.leading_table}.{name} = ?" for name in _KEYS}
    return bool(keys & clauses.conditions)


def _is_total(clauses: Clauses) -> bool:
    """Tell whether no two rows are equal by what the statement is ordered by: it names a key."""
    keys = tuple(f"{clauses.leading_table}.{name}" for name in _KEYS)
    return any(one.removesuffix(" DESC") in keys for one in clauses.order)


def _sorted_by(statement: Any) -> Iterator[str]:
    if statement.WhichOneof("node") != "select_stmt":
        return
    for one in statement.select_stmt.sort_clause:
        is_down = one.sort_by.sortby_dir == pg_query_pb2.SORTBY_DESC
        yield _told(one.sort_by.node) + (" DESC" if is_down else "")


def _wheres(nodes: Iterable[Any]) -> Iterator[Any]:
    for node in nodes:
        if node.HasField("where_clause"):
            yield from _flat(node.where_clause)


def _locks(node: Any) -> Iterable[Any]:
    return getattr(node, "locking_clause", ())


def _is_update(node: Any) -> bool:
    return isinstance(node, pg_query_pb2.UpdateStmt)


def _targets(update: Any) -> Iterator[Any]:
    return (one.res_target for one in update.target_list if one.HasField("res_target"))


def _is_relative(target: Any) -> bool:
    """Tell whether a column is set to something that is reckoned from its own value, and is not that value itself."""
    if target.val.HasField("column_ref"):
        return False
    own = (ref.fields[-1].string.sval for ref in postgast.find_nodes(target.val, pg_query_pb2.ColumnRef) if ref.fields)
    return target.name in own


def _flat(condition: Any) -> Iterator[Any]:
    if condition.HasField("bool_expr") and condition.bool_expr.boolop == pg_query_pb2.AND_EXPR:
        for part in condition.bool_expr.args:
            yield from _flat(part)
    else:
        yield condition


def _told(condition: Any) -> str:
    """Write a condition: "shop_book.status = ?"."""
    tree = pg_query_pb2.ParseResult()
    tree.stmts.add().stmt.select_stmt.where_clause.CopyFrom(condition)
    return str(postgast.deparse(tree)).removeprefix(_HEAD).replace("$1", "?").replace('"…"', "…")
