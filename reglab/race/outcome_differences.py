"""In words: how the rows and the answers of an interleaving differ from those of requests one after the other."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any, Final

from reglab.race.end_states import Outcome

_SHOWN: Final = 4
_ALIKE_SHOWN: Final = 20
RowKey = tuple[str, str]


def nearest(found: Outcome, serial: Mapping[str, Outcome], *, preferred: str) -> tuple[str, Outcome]:
    """Return the serial outcome, with the words for its order, that differs least from what was found.

    Of two that differ in as many rows, it is the one whose order is `preferred`.
    """
    return min(
        serial.items(),
        key=lambda one: (
            len(set(found.rows) ^ set(one[1].rows)),
            one[0] != preferred,
        ),
    )


def wrong_sides(found: Outcome, serial: Outcome) -> list[int]:
    """Return which sides were answered otherwise than in a serial order."""
    pairs = zip(found.answers, serial.answers, strict=True)
    return [side for side, (one, other) in enumerate(pairs) if one != other]


def row_differences(found: Outcome, serial: Outcome) -> list[tuple[str, str]]:
    """Return (table, sentence) for each row that is not as in the serial outcome."""
    before, after = _by_key(found, "-"), _by_key(found, "+")
    serial_before, serial_after = _by_key(serial, "-"), _by_key(serial, "+")
    told = []
    for key in sorted({*before, *after, *serial_before, *serial_after}):
        states = (before.get(key), after.get(key)), (serial_before.get(key), serial_after.get(key))
        if states[0] != states[1]:
            told.append((key[0], f"{key[0]} {key[1]}: {_row_sentence(*states)}"))
    return told or list(_numbers_of_rows(found, serial))


def _numbers_of_rows(found: Outcome, serial: Outcome) -> Iterator[tuple[str, str]]:
    """Say how many rows there are more, or fewer, of those that nothing but their number tells apart."""
    more, fewer = Counter(found.rows), Counter(serial.rows)
    for row in sorted(more.keys() | fewer.keys()):
        here, there = more[row], fewer[row]
        if here != there:
            change = "gone" if row[0] == "-" else "new"
            yield row[1], f"{row[1]}: {here} {change} row{'s' * (here != 1)} ({', '.join(row[3:7])}), expected {there}"


def differing_columns(found: Outcome, serial: Outcome) -> str:
    """Return "table.column" for each cell of an updated row that is not as in the serial outcome, in one line."""
    after, serial_after = _by_key(found, "+"), _by_key(serial, "+")
    cells = {
        f"{key[0]}.{cell.partition('=')[0]}"
        for key in after.keys() & serial_after.keys()
        for cell in set(after[key]) ^ set(serial_after[key])
    }
    return ", ".join(sorted(cells))


def answer_difference(found: Outcome, serial: Outcome, side: int) -> str:
    """Say how one side's answer differs."""
    here, there = found.said[side], serial.said[side]
    if here.status != there.status:
        return f"answered {here.status} {_short(here.content)}, expected {there.status} {_short(there.content)}"
    one, other = (json.loads(each.answers[side].partition(" ")[2]) for each in (found, serial))
    leaves = list(_leaf_differences(one, other, ""))[:_SHOWN]
    pairs = ((path, *_where_they_part(a, b)) for path, a, b in leaves)
    return "; ".join(f"answered {path or 'a body'} = {_short(a)}, expected {_short(b)}" for path, a, b in pairs)


def _where_they_part(one: Any, other: Any) -> tuple[Any, Any]:
    """Leave out what two long texts begin with alike: the first words of a page say nothing."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return one, other
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))) - _ALIKE_SHOWN
    return (one, other) if alike <= 0 else (f"…{one[alike:]}", f"…{other[alike:]}")


def _by_key(outcome: Outcome, sign: str) -> dict[RowKey, tuple[str, ...]]:
    return {(row[1], row[2]): row[3:] for row in outcome.rows if row[0] == sign}


_Cells = tuple[str, ...] | None


def _row_sentence(found: tuple[_Cells, _Cells], serial: tuple[_Cells, _Cells]) -> str:
    if found[1] is not None and serial[1] is not None:
        cells = [(one, other) for one, other in zip(found[1], serial[1], strict=True) if one != other]
        return ", ".join(f"{one}, expected {other.partition('=')[2]}" for one, other in cells[:_SHOWN])
    return f"{_state(*found)}, expected {_state(*serial)}"


def _state(before: _Cells, after: _Cells) -> str:
    if before is None and after is None:
        return "as before"
    if before is None:
        return "a new row"
    if after is None:
        return "no such row any more"
    changed = [cell for cell, was in zip(after, before, strict=True) if cell != was]
    return ", ".join(changed[:_SHOWN])


def _leaf_differences(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from _leaf_differences(one.get(key), other.get(key), f"{path}.{key}" if path else key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _leaf_differences(first, second, f"{path}[{number}]")
    elif one != other:
        yield path, one, other


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 120 else text[:119] + "…"
