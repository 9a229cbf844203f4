"""Comparison of two sides' answers, apart from what changes from one answer of the same side to the next."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reglab.project.requests.json_content import json_content

Answers = Sequence[tuple[int, str]]
Place = tuple[str | int, ...]

_SHOWN: Final = 60


def difference(*, baseline: Sequence[Answers], candidate: Sequence[Answers]) -> str:
    """Say in one sentence where the sides' answers differ; an empty string where they do not.

    Each side is a list of executions, each a list of (status, body), one a request. What differs between two
    executions of one side, such as the time at which a row was made, is volatile and not compared.
    """
    ours, theirs = candidate[0], baseline[0]
    if len(ours) != len(theirs):
        return f"{len(theirs)} answers of the baseline, {len(ours)} of the candidate"
    for number, ((status, body), (expected_status, expected_body)) in enumerate(zip(ours, theirs, strict=True)):
        step = f"request {number + 1}: " if len(ours) > 1 else ""
        if status != expected_status:
            return f"{step}status {expected_status} of the baseline, {status} of the candidate"
        repeats = [execution[number][1] for side in (baseline, candidate) for execution in side]
        if said := _bodies(
            expected_body, body, pairs=_within(baseline, candidate, number), are_same=len(set(repeats)) == 1
        ):
            return f"{step}{said}"
    return ""


def _within(baseline: Sequence[Answers], candidate: Sequence[Answers], number: int) -> list[tuple[str, str]]:
    """Pair each side's first body with its further ones: what differs there is volatile."""
    return [
        (side[0][number][1], execution[number][1])
        for side in (baseline, candidate)
        for execution in side[1:]
        if len(execution) > number
    ]


def _bodies(expected: str, found: str, *, pairs: Sequence[tuple[str, str]], are_same: bool) -> str:
    if are_same or expected == found:
        return ""
    volatile = {place for one, other in pairs for place, _, _ in _differences(_parsed(one), _parsed(other))}
    for place, baseline, candidate in _differences(_parsed(expected), _parsed(found)):
        if not any(place[: len(prefix)] == prefix for prefix in volatile):
            where = ".".join(str(part) for part in place) or "the body"
            return f"{where} is {_short(baseline)} of the baseline, {_short(candidate)} of the candidate"
    return ""


def _parsed(body: str) -> Any:
    """Return a JSON body's value, and any other body as a list of its lines."""
    try:
        return json_content(body)
    except ValueError:
        return body.splitlines()


def _differences(expected: Any, found: Any, place: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*expected, *found]):
            yield from _differences(expected.get(key, _ABSENT), found.get(key, _ABSENT), (*place, key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, (*place, index))
    elif expected != found or type(expected) is not type(found):
        yield place, expected, found


class _Absent:
    def __repr__(self) -> str:
        return "absent"


_ABSENT: Final = _Absent()


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = repr(value) if isinstance(value, _Absent) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
