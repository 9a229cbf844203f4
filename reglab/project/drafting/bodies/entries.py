"""Entries of a list in a body: several, so that code which works entry by entry does more than code which does not."""

from collections.abc import Callable, Sequence
from typing import Any, Final

# One cannot be told from all; two may come of a pair.
ENTRIES: Final = 3


def several(make: Callable[[int], Any], *, count: int, left_out: Any) -> list[Any]:
    """Return up to `count` entries that differ as far as their kinds let them; `make` gets each one's number."""
    made = [varied(make(number), number) for number in range(count)]
    return distinct([each for each in made if each is not left_out])


def varied(value: Any, number: int) -> Any:
    """Return a drafted value with another number in its texts: what must be unique among the entries is."""
    if not number:
        return value
    if isinstance(value, dict):
        return {name: varied(inner, number) for name, inner in value.items()}
    if isinstance(value, list):
        return [varied(inner, number) for inner in value]
    if isinstance(value, str) and not value.startswith("{"):
        return value.replace("drafted-1", f"drafted-{number + 1}").replace("drafted@", f"drafted{number + 1}@")
    return value


def distinct(values: Sequence[Any]) -> list[Any]:
    """Return the values once each where they are plain; objects that are alike are several entries all the same."""
    kept: list[Any] = []
    for value in values:
        if isinstance(value, dict) or value not in kept:
            kept.append(value)
    return kept
