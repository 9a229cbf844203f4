"""SQL statements as shapes: fingerprint, verb, tables, writes, and whether they only control a transaction."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Final

import sqlparse
from sqlparse import tokens

_CACHED_SHAPES: Final = 8192
# libpg_query knows PostgreSQL's numbered parameters; Django speaks to every database in "%s", named ones included.
_PLACEHOLDER: Final = re.compile(r"%(?:%|s|b|t|\(\w+\)s)")
_TRANSACTION: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:SAVEPOINT|RELEASE|ROLLBACK|COMMIT|BEGIN|START\s+TRANSACTION|END|ABORT|SET\s+CONSTRAINTS|SET\s+TRANSACTION)\b",
    re.IGNORECASE | re.DOTALL,
)
# What may be of any length in statements of one fingerprint is written the same at every length, one included.
_LIST: Final = re.compile(r"\bIN\s*\(\s*\?(?:\s*,\s*\?)*\s*\)", re.IGNORECASE)
_ROWS: Final = re.compile(r"\bVALUES\s*\(.*?(?=\s(?:ON CONFLICT|RETURNING)\b|$)", re.IGNORECASE)
_CASES: Final = re.compile(r"(\bWHEN .{1,400}? THEN \S+)(?: \1)*", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"\$\d+")
_SPACE: Final = re.compile(r"\s+")
_IDENTIFIER: Final = r"(?:\"[^\"]+\"|`[^`]+`|\[[^\]]+\]|\w+)"
_TABLE: Final = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE(?:\s+OR\s+\w+)?|TABLE)\s+(?:{_IDENTIFIER}\.)?({_IDENTIFIER})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is left of a statement when its values are removed.

    `fingerprint` is equal for statements that differ in values and in the lengths of value lists alone: columns and
    predicates count. `text` is the readable form; `verb` is in upper case ("SELECT"); `tables` are those it names,
    sorted; `leading_table` is the one whose rows a SELECT reads first, which others are joined to; `writes` are (table,
    "insert" | "update" | "delete") pairs, those inside WITH included.
    """

    fingerprint: str
    text: str
    verb: str
    tables: tuple[str, ...]
    writes: tuple[tuple[str, str], ...]
    is_transaction_control: bool
    leading_table: str = ""


@lru_cache(maxsize=_CACHED_SHAPES)
def shape_of(sql: str) -> Shape:
    """Return the shape of `sql` as Django's cursors are given it ("%s" placeholders) or as a driver sends it.

    PostgreSQL's own parser reads it where it can; what that refuses (SQLite's dialect) goes through sqlparse. Never
    raises: an unreadable statement still has a fingerprint of its own.
    """
    # The parser loads slowly, and whoever only reads records has nothing to parse.
    from reglab.project.parsed_statements import PgQueryError, parsed_shape

    if _TRANSACTION.match(sql):
        return _transaction_shape(sql)
    numbers = count(1)
    numbered = _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)
    try:
        return parsed_shape(numbered)
    except PgQueryError:
        return _tokenised_shape(numbered)


def _transaction_shape(sql: str) -> Shape:
    words = sqlparse.format(sql, strip_comments=True).split()
    verb = words[0].rstrip(";").upper()
    return Shape(
        fingerprint=f"transaction {verb}", text=verb, verb=verb, tables=(), writes=(), is_transaction_control=True
    )


def _tokenised_shape(sql: str) -> Shape:
    statements = sqlparse.parse(sql)
    statement = statements[0] if statements else None
    leaves = list(statement.flatten()) if statement else []  # type: ignore[no-untyped-call]  # sqlparse is half typed
    text = compacted("".join(_valueless(leaf) for leaf in leaves))
    verb = statement.get_type() if statement else "OTHER"  # type: ignore[no-untyped-call]
    if verb == "UNKNOWN":
        verb = next((leaf.value.upper() for leaf in leaves if not leaf.is_whitespace), "OTHER")
    tables = [name.strip('"`[]') for name in _TABLE.findall(text)]
    return Shape(
        fingerprint=hashlib.blake2b(text.encode(), digest_size=8).hexdigest(),
        text=text,
        verb=verb,
        tables=tuple(sorted(set(tables))),
        leading_table=tables[0] if tables else "",
        writes=_first_write(text=text, verb=verb),
        is_transaction_control=False,
    )


def _valueless(leaf: sqlparse.sql.Token) -> str:
    if leaf.ttype in tokens.Literal or leaf.ttype in tokens.Name.Placeholder:
        return "?"
    if leaf.ttype in tokens.Comment:
        return " "
    return str(leaf.value)


def _first_write(*, text: str, verb: str) -> tuple[tuple[str, str], ...]:
    kind = {"INSERT": "insert", "REPLACE": "insert", "UPDATE": "update", "DELETE": "delete"}.get(verb)
    target = re.search(rf"\b(?:INTO|UPDATE(?:\s+OR\s+\w+)?|FROM)\s+({_IDENTIFIER})", text, re.IGNORECASE)
    return ((target[1].strip('"`[]'), kind),) if kind and target else ()


def compacted(text: str) -> str:
    """Return `text` on one line, its parameters unnumbered, its lists of values, rows and cases collapsed."""
    flat = _NUMBERED.sub("?", _SPACE.sub(" ", text).strip())
    return _CASES.sub(r"\1 …", _ROWS.sub("VALUES (…)", _LIST.sub("IN (…)", flat)))
