"""Finds the line of a TOML file that a complaint is about: tomllib keeps no places."""

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*["']?([\w-]+)["']?\s*=""")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Return the number of the line that holds `place`, a path such as ("stage", 1, "seconds").

    Falls back to the nearest table that contains it, then to line 1.
    """
    found = 1
    best = 0
    for number, location in _locations(text):
        depth = _common(location, place)
        if depth > best and depth == len(location):
            best, found = depth, number
    return found


def _locations(text: str) -> list[tuple[int, tuple[str | int, ...]]]:
    """Give each line that opens a table or sets a key, with its path."""
    seen: dict[str, int] = {}
    table: tuple[str | int, ...] = ()
    locations: list[tuple[int, tuple[str | int, ...]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if opened := _TABLE.match(line):
            name = opened[2]
            table = (name,)
            if opened[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
                table = (name, seen[name])
            locations.append((number, table))
        elif key := _KEY.match(line):
            locations.append((number, (*table, key[1])))
    return locations


def _common(location: Sequence[str | int], place: Sequence[str | int]) -> int:
    for depth, (found, wanted) in enumerate(zip(location, place, strict=False)):
        if found != wanted:
            return depth
    return min(len(location), len(place))
