"""Values that any field of their kind could have, and that code may refuse: no declaration names them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

_NUMBERS: Final = (2, 1_000, 1_000_000, 1_000_000_000)
_NUMBERS_OF_FORMS: Final = (-1, 0, *_NUMBERS)
_YEARS: Final = (1900, 2999)
_TEXTS: Final = ("x", "0", "no such value", "someone@reglab.example")
_REPEATED: Final = 60
# By a part of the name of a field's class; the longer name first.
_EXAMPLES: Final = {"datetime": "2026-06-15 12:34", "date": "2026-06-15", "integer": "1", "decimal": "1", "float": "1"}


def example_for(kinds: Iterable[type]) -> str:
    """Return a value that a field of such a class takes, where the request has none; an empty text if unknown."""
    names = [kind.__name__.lower() for kind in kinds]
    return next((value for word, value in _EXAMPLES.items() if any(word in name for name in names)), "")


def ordinary_values(own: Any) -> Iterator[Any]:
    """Yield other values like a field's own one, of JSON's kinds: days of other centuries, numbers of any size."""
    if isinstance(own, bool):
        yield not own
    elif isinstance(own, int | float):
        yield from _NUMBERS
    elif isinstance(own, str):
        yield from _like_text(own)


def lists_like(own: list[Any]) -> Iterator[tuple[list[Any], str]]:
    """Yield lists like a body's own one, each with how it is told: none, the same twice, more than anybody means."""
    yield [], "no item"
    yield [own[0], own[0]], "its first item twice"
    yield [own[0]] * _REPEATED, f"its first item {_REPEATED} times"


def values_of_a_form(own: str) -> Iterator[str]:
    """Yield other texts like the one that a field of a form has: what it stands for is written as text."""
    if _is_number(own):
        yield from map(str, _NUMBERS_OF_FORMS)
    yield ""
    yield from map(str, _like_text(own))


def _like_text(own: str) -> Iterator[str]:
    years = [year for year in _YEARS if _is_moment(own)]
    yield from (f"{year}{own[4:]}".replace("-02-29", "-02-28") for year in years)
    if _is_number(own):
        yield from ("-1", "0", "1000000000")
    elif not years:
        yield from _TEXTS


def _is_moment(text: str) -> bool:
    """Tell whether a text is a day, or a time of a day, as ISO 8601 has it."""
    for kind in (date, datetime):
        try:
            kind.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            continue
        return True
    return False


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
