"""Texts that a regular expression takes: the same one for the same number, in every process."""

import re
from collections.abc import Iterator
from re import _constants as _ops
from re import _parser
from typing import Any, Final

_DIGITS: Final = "0123456789"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_WORD: Final = _LETTERS + _DIGITS
_CATEGORIES: Final = {"DIGIT": _DIGITS, "WORD": _WORD, "SPACE": " ", "NOT_SPACE": _WORD, "NOT_DIGIT": _LETTERS}
_REPEATS_MAX: Final = 8
_TRIES: Final = 20


def example_of(pattern: str, number: int = 0, *, is_full: bool = False) -> str | None:
    """Return a text that `pattern` takes as a whole, or None where none is found; another number, mostly another text.

    `is_full` has one of what may be left out or repeated.

    Looking ahead and back is passed over: the text is tried before it is returned.
    """
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError):
        return None
    for attempt in range(_TRIES):
        text = "".join(_texts(parsed, _Digits(number + attempt * 7919, is_full=is_full)))
        if re.fullmatch(pattern, text) or re.search(pattern, text):
            return text
    return None


class _Digits:
    """Hands out a number digit by digit, the last first, so that texts differ where the numbers do."""

    def __init__(self, number: int, *, is_full: bool) -> None:
        self._rest = number
        self.is_full = is_full

    def below(self, limit: int) -> int:
        self._rest, digit = divmod(self._rest, max(1, limit))
        return digit


def _texts(parsed: Any, digits: _Digits) -> Iterator[str]:
    for operation, argument in parsed:
        yield from _text(operation, argument, digits)


def _text(operation: Any, argument: Any, digits: _Digits) -> Iterator[str]:
    if operation is _ops.LITERAL:
        yield chr(argument)
    elif operation is _ops.NOT_LITERAL:
        yield "a" if argument != ord("a") else "b"
    elif operation is _ops.ANY:
        yield _WORD[digits.below(len(_WORD))]
    elif operation is _ops.IN:
        letters = _letters(argument)
        yield letters[digits.below(len(letters))] if letters else ""
    elif operation in {_ops.MAX_REPEAT, _ops.MIN_REPEAT, getattr(_ops, "POSSESSIVE_REPEAT", None)}:
        low, high, inner = argument
        count = int(digits.is_full) if low == 0 else min(max(low, 4), int(high))
        for _ in range(min(count, max(low, _REPEATS_MAX))):
            yield from _texts(inner, digits)
    elif operation is _ops.BRANCH:
        branches = argument[1]
        yield from _texts(branches[digits.below(len(branches))], digits)
    elif operation is _ops.SUBPATTERN:
        yield from _texts(argument[-1], digits)
    elif operation is getattr(_ops, "ATOMIC_GROUP", None):
        yield from _texts(argument, digits)


def _letters(members: Any) -> str:
    found, is_negated = "", False
    for operation, argument in members:
        if operation is _ops.NEGATE:
            is_negated = True
        elif operation is _ops.LITERAL:
            found += chr(argument)
        elif operation is _ops.RANGE:
            found += "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 100) + 1)))
        elif operation is _ops.CATEGORY:
            found += _CATEGORIES.get(str(argument).removeprefix("CATEGORY_"), _WORD)
    if is_negated:
        return "".join(letter for letter in _WORD if letter not in found)
    # Letters and digits are safe in URLs and in names; other signs only where there are no such.
    return "".join(letter for letter in found if letter.isalnum()) or found
