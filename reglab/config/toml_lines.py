"""Line of a TOML file that holds a key: the standard library's parser does not say."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

Place = tuple[str | int, ...]

_HEADER: Final = re.compile(r"^\s*\[(?P<array>\[)?\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"""^\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_QUOTES: Final = re.compile(r'"""|' + "'''")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Return the line (from 1) of the longest part of `place` that the file spells out on a line of its own.

    `place` is a path as pydantic gives it: keys, and indexes (from 0) into arrays of tables. A table that stands there
    only in its parts, or an array as a whole, is at the first of them.
    """
    best_line, best_length = 1, 0
    for number, found in _places(text):
        length = _shared(found, place)
        if length > best_length:
            best_line, best_length = number, length
    return best_line


def _places(text: str) -> Iterator[tuple[int, Place]]:
    arrays: Counter[tuple[str, ...]] = Counter()
    table: Place = ()
    for number, line in _outside_long_strings(text):
        if header := _HEADER.match(line):
            keys = _parts(header["name"])
            if header["array"]:
                arrays[keys] += 1
            table = _indexed(keys, arrays)
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key["key"]))


def _indexed(keys: tuple[str, ...], arrays: Counter[tuple[str, ...]]) -> Place:
    """Put the present index behind each part of a header that is an array of tables."""
    place: list[str | int] = []
    for depth, key in enumerate(keys, start=1):
        place.append(key)
        if count := arrays[keys[:depth]]:
            place.append(count - 1)
    return tuple(place)


def _outside_long_strings(text: str) -> Iterator[tuple[int, str]]:
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not is_inside:
            yield number, line
        if len(_QUOTES.findall(line)) % 2:
            is_inside = not is_inside


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(name))


def _shared(found: Place, place: Sequence[str | int]) -> int:
    """Return how much of `place` the line spells out, where it leads to `place` or below; a sibling spells nothing."""
    length = min(len(found), len(place))
    return length if tuple(place[:length]) == found[:length] else 0
