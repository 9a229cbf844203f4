"""Predicates as PostgreSQL's EXPLAIN writes them: their parts, and what stands in them."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_CAST: Final = re.compile(r"::(?:\"[^\"]+\"|[a-z_]+(?: (?:varying|precision|with(?:out)? time zone))*)(?:\[\])?")
_CALL: Final = re.compile(r"\b(?!AND\b|OR\b|NOT\b|ANY\b|IN\b)\w+\(", re.IGNORECASE)
_WORD: Final = re.compile(r"\"([^\"]+)\"|\b([A-Za-z_]\w*)\b")
_CAST_OF_COLUMN: Final = re.compile(r"\((?:\w+\.)?\"?(\w+)\"?\)::([a-z_]+)")
_SUBQUERY: Final = re.compile(r"\(\s*SELECT\b", re.IGNORECASE)
_COMPARED: Final = re.compile(r"<=|>=|<>|=|<|>")
_NOT: Final = re.compile(r"\bNOT\b(?! NULL)")
_NULL: Final = re.compile(r" IS (?:NOT )?NULL")
_NULL_TEST: Final = re.compile(r"^\(*(?:\w+\.)?\"?(\w+)\"? IS (?:NOT )?NULL\)*$")
_COLUMN: Final = r"(?:\w+\.)?\"?\w+\"?"
_TEXT_OF: Final = rf"(?:\(({_COLUMN})\)::text|({_COLUMN}))"
_LIKE_ALL: Final = re.compile(rf"(?:(?:upper|lower)\({_TEXT_OF}\)|{_TEXT_OF}) ~~\*? '%+'(?:::text)?")
_AND_OR: Final = re.compile(r" (?:AND|OR) ")
_AND: Final = re.compile(r" AND ")
_OR: Final = re.compile(r" OR ")
_OF_FLAGS: Final = frozenset({"AND", "OR", "NOT", "IS", "TRUE", "FALSE", "UNKNOWN", "true", "false"})


def words_of(predicate: str) -> frozenset[str]:
    """Return the names in a predicate, columns among them; no types and nothing of literals."""
    plain = _CAST.sub("", _LITERAL.sub("", predicate))
    return frozenset(quoted or word for quoted, word in _WORD.findall(plain))


def without_literals(predicate: str) -> str:
    """Return a predicate without the values that it compares with."""
    return _LITERAL.sub("", predicate)


def with_plain_likes(predicate: str) -> str:
    """Return a predicate with "IS NOT NULL" for each LIKE '%', an empty search: any text is like it, but none is."""
    return _LIKE_ALL.sub(lambda found: f"({next(filter(None, found.groups()))} IS NOT NULL)", predicate)


def has_call(predicate: str) -> bool:
    """Tell whether something is computed of a column, which no index of the plain column serves."""
    return bool(_CALL.search(_CAST.sub("", _LITERAL.sub("", predicate))))


def casts_of(predicate: str) -> tuple[tuple[str, str], ...]:
    """Return the columns that are compared as another type, each with the first word of that type."""
    return tuple(_CAST_OF_COLUMN.findall(without_literals(predicate)))


def without_subqueries(predicate: str) -> str:
    """Return a predicate without the statements inside it, whose own conditions are others."""
    while found := _SUBQUERY.search(predicate):
        end = _closing(predicate[found.start() :])
        if end < 0:
            return predicate
        predicate = f"{predicate[: found.start()]}{predicate[found.start() + end + 1 :]}"
    return predicate


def compares_own(condition: str, columns: AbstractSet[str]) -> bool:
    """Tell whether a condition compares columns of one row with each other: no index is entered with such a one.

    `columns` are the row's own, spelled as the condition does; whether one is null may be asked beside it.
    """
    text = _NOT.sub("", _CAST.sub("", without_literals(condition)))
    parts = [[side.strip(' ()"') for side in _COMPARED.split(part)] for part in _AND_OR.split(text)]
    pairs = [sides for sides in parts if len(sides) > 1]
    others = [sides[0] for sides in parts if len(sides) == 1]
    return bool(pairs) and all(
        side in columns for side in (*(side for sides in pairs for side in sides), *map(_without_null, others))
    )


def _without_null(part: str) -> str:
    return _NULL.sub("", part).strip(' ()"')


def has_alternatives(predicate: str) -> bool:
    """Tell whether one of several conditions is enough."""
    return bool(_OR.search(without_literals(predicate)))


def flags_of(predicate: str, *, flags: frozenset[str], alias: str) -> tuple[str, ...]:
    """Return the columns of a predicate that asks for nothing but true and false, or whether a value is there.

    None where it asks for more.
    """
    parts = conjuncts(predicate)
    asked = null_tests(predicate)
    words = frozenset[str]().union(*(words_of(part) for part in parts if not _NULL_TEST.match(part)))
    found = words - {alias} - _OF_FLAGS
    return tuple(sorted(found | asked)) if found <= flags and not has_call(predicate) else ()


def null_tests(predicate: str) -> frozenset[str]:
    """Return the columns that a predicate asks whether they have a value: a date of deletion is a flag so."""
    found = (_NULL_TEST.match(part) for part in conjuncts(predicate))
    return frozenset(one[1] for one in found if one)


def conjuncts(predicate: str) -> tuple[str, ...]:
    """Return, without literals, the conditions that all have to hold: two of "((a = 1) AND (b = 2))"."""
    text = without_literals(predicate).strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    parts, start = [], 0
    for found in _AND.finditer(text):
        before = text[: found.start()]
        if before.count("(") == before.count(")"):
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return (text,) if len(parts) == 1 else tuple(one for part in parts for one in conjuncts(part))


def _closing(text: str) -> int:
    """Return where the bracket that a text begins with is closed."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
    return -1
