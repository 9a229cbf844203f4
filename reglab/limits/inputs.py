"""Inputs at, just inside and beyond the limits of each field, and bodies that no parser expects."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from reglab.limits.fields import Limits, Path, value_at, with_value_at
from reglab.limits.odd_texts import HOSTILE_LENGTH, odd_texts
from reglab.limits.ordinary_values import example_for, lists_like, ordinary_values
from reglab.limits.refusals import told_value
from reglab.project.requests.test_client import Request

JSON: Final = "application/json"
# The part of what no field is about.
WHOLE_BODY: Final = "body"
_DEPTH: Final = 100_000
_LONG: Final = 3_000_000
# Below a megabyte, which most servers let through: what looks through all fields for each of them is busy for seconds.
_MANY: Final = 20_000
_ODD_NUMBERS: Final = (0, -1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**20, 1.5, float("inf"))
# A number that no float holds is one in JSON, and none in Python: what stands for it until it is written.
_TOO_LARGE: Final = float("inf")
_MARK: Final = "reglab-1e999"
# What is accepted of a field that a request cannot set, written as the refused values are: as JSON.
SET_BY_CLIENT: Final = '"set by a client"'
# One alone is an odd value of its own field.
_SEVERAL: Final = 2
_ODD_VALUES: Final[tuple[Any, ...]] = (None, [], {}, [[]], {"": None}, True)
# More digits than int() reads, a digit that int() refuses, the last day that there is, a float that is no number.
_HARD_NUMBERS: Final = ("9" * 5000, "²", "9999-12-31", "nan")
# The same for what a URL holds: few, because each parameter of each endpoint gets them.
_HOSTILE_OF_URL: Final = ("a", "0", "a-", " ")
_ODD_QUERY: Final = (
    "",
    " ",
    "abc",
    "-1",
    "0",
    "1e9",
    "9" * 25,
    "\x00",
    "\ud83d",
    "é",
    "x" * 5000,
    "[]",
    "1.5",
    *_HARD_NUMBERS,
    *(f"{(unit * HOSTILE_LENGTH)[: HOSTILE_LENGTH - 1]}!" for unit in _HOSTILE_OF_URL),
)
_ODD_SEGMENTS: Final = ("0", "-1", "9" * 25, "9223372036854775808", "abc", "%00", "é")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One request with something odd in it. `sent` is the value whose fate is followed, where there is one.

    `is_much` says that it asks for as much work as there may be: to be busy with that, or to give it up, is fine.
    `is_unheard` says that the scenario's own value does not come back either.
    `chance` is what `random.random()` gives the project's own code, where that is what is odd. `compared` is a value of
    the field as JSON, where it is held against what was refused before; `checked_by` are the classes that did.
    """

    request: Request
    part: str
    told: str
    path: Path = ()
    sent: Any = None
    is_followed: bool = False
    is_assignment: bool = False
    is_much: bool = False
    is_unheard: bool = False
    chance: float | None = None
    compared: str = ""
    checked_by: tuple[type, ...] = ()


def own_value(request: Request, body: Any, limits: Limits) -> Input | None:
    """Return the request with the value of a field that it has already, or None where it has none to follow."""
    own = value_at(body, limits.path)
    if not _is_followed(own):
        return None
    told = f"{limits.name} as it is"
    return Input(request=request, part=limits.name, told=told, path=limits.path, sent=own, is_followed=True)


def _is_followed(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def inputs_of_field(
    request: Request, body: Any, limits: Limits, *, is_unheard: bool = False, accepted: Iterable[str] = ()
) -> Iterator[Input]:
    """Yield a request for each odd value of one field of a JSON body, and for those `accepted` as refused, as JSON."""
    old = value_at(body, limits.path)
    like = old if old not in (None, "") else example_for(limits.checked_by[:1])
    tried = [*_values(limits, old), *((value, _short(value)) for value in ordinary_values(like))]
    known = {told_value(value) for value, _ in tried}
    tried += [(json.loads(text), _short(json.loads(text))) for text in accepted if text not in known]
    for value, told in tried:
        changed = with_value_at(body, limits.path, _MARK if value == _TOO_LARGE else value)
        yield Input(
            request=_json(request, changed),
            part=limits.name,
            told=f"{limits.name} = {told}",
            path=limits.path,
            sent=value,
            is_followed=_is_followed(value),
            is_unheard=is_unheard,
            compared="" if limits.names_a_row else told_value(value),
            checked_by=limits.checked_by,
        )


def inputs_of_lists(request: Request, body: dict[str, Any]) -> Iterator[Input]:
    """Yield the request with other numbers of items in each list of a JSON body."""
    for name, value in body.items():
        if isinstance(value, list) and value:
            for changed, told in lists_like(value):
                yield Input(
                    request=_json(request, {**body, name: changed}),
                    part=name,
                    told=f"{name} = {told}",
                    compared=told_value(told),
                )


def inputs_at_all_limits(request: Request, body: Any, fields: Sequence[Limits]) -> Iterator[Input]:
    """Yield the request with all of its numbers at their limits at once: what is made of several may be too large."""
    numbers = [one for one in fields if one.kind == "number"]
    for bound, word in (("max_value", "largest"), ("min_value", "smallest")):
        ends = [(one, end) for one in numbers if (end := getattr(one, bound)) is not None]
        if len(ends) < _SEVERAL:
            continue
        changed = body
        for one, end in ends:
            changed = with_value_at(changed, one.path, end)
        told = ", ".join(f"{one.name} = {end}" for one, end in ends)
        yield Input(request=_json(request, changed), part=f"{word} numbers", told=told, is_much=True)


def inputs_of_body(request: Request, body: Any) -> Iterator[Input]:
    """Yield bodies that no parser expects: deep, long, doubled, cut, of another encoding or kind."""
    first = next(iter(body), "x") if isinstance(body, dict) else "x"
    whole = json.dumps(body)
    for data, told in (
        (b"[" * _DEPTH, f"'[' {_DEPTH:,} times"),
        (b'{"a":' * _DEPTH, f"'{{\"a\":' {_DEPTH:,} times"),
        (
            _encoded({**body, first: "["}).replace(b'"["', b"[" * _DEPTH + b"]" * _DEPTH),
            f"{first} nested {_DEPTH:,} deep",
        ),
        (b'{"a": "' + b"x" * _LONG + b'"}', f"{_LONG:,} bytes"),
        (_encoded({**body, **{f"k{number:05}": 1 for number in range(_MANY)}}), f"{_MANY:,} fields more"),
        (b"", "no body"),
        (whole[: len(whole) // 2].encode(), "the first half of it"),
        (b"\xff\xfe" + whole.encode(), "no UTF-8"),
        (b"\xef\xbb\xbf" + whole.encode(), "a byte order mark"),
        (b"null", "null"),
        (b"[]", "an empty list"),
        (b'"text"', "a text"),
        (b"NaN", "NaN"),
        (f'{{"{first}": 1, {whole[1:]}'.encode(), f"{first} twice"),
        (f'{{"{first}": 1e999}}'.encode(), f"{first} = 1e999"),
        (f'{{"{first}": {"9" * 5000}}}'.encode(), f"{first} = 9 repeated 5,000 times"),
    ):
        yield Input(request=replace(request, body=data), part=WHOLE_BODY, told=f"body: {told}")


def inputs_of_url(request: Request, asked: Sequence[str] = ()) -> Iterator[Input]:
    """Yield odd values of each query parameter, the `asked` ones included, and of each segment that holds a key."""
    parts = urlsplit(request.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs += [(name, "") for name in asked if name not in dict(pairs)]
    for index, (name, _) in enumerate(pairs):
        for value in _ODD_QUERY:
            others = [pair for place, pair in enumerate(pairs) if place != index and pair[0] not in asked]
            query = urlencode([*others, (name, value)], errors="replace")
            changed = replace(request, path=parts._replace(query=query).geturl())
            yield Input(
                request=changed,
                part=f"?{name}=",
                told=f"?{name}={_short(value)}",
                compared=told_value(value),
            )
    segments = parts.path.split("/")
    for index, segment in enumerate(segments):
        if segment.isdigit():
            for value in _ODD_SEGMENTS:
                path = "/".join([*segments[:index], quote(value, safe="%"), *segments[index + 1 :]])
                changed = replace(request, path=parts._replace(path=path).geturl())
                yield Input(request=changed, part="path", told=f"path {path}")


def inputs_of_chance(request: Request) -> Iterator[Input]:
    """Yield the request itself at both ends of chance: what happens to one request in a thousand happens here."""
    for chance in (0.0, 1 - 2**-53):
        yield Input(
            request=request,
            part="chance",
            told=f"random.random() = {'0.0' if not chance else 'almost 1'}",
            chance=chance,
        )


def assignment(
    request: Request, body: Any, name: str, value: Any, *, field: str = "", may_be_set: bool = False
) -> Input:
    """Return the request with a key more, for a field that only the service sets; `field` where it has another name.

    One that `may_be_set` is no error where it is: whether it was so when that was accepted is what is compared.
    """
    return Input(
        request=_json(request, {**body, name: value}),
        part=name,
        told=f"{name} = {_short(value)}",
        path=(field or name,),
        sent=value,
        is_assignment=True,
        compared=SET_BY_CLIENT if may_be_set else "",
    )


def _values(limits: Limits, old: Any) -> Iterator[tuple[Any, str]]:
    if limits.kind == "text":
        yield from odd_texts(limits, old if isinstance(old, str) else "")
    if limits.kind == "key":
        # How a framework rounds 1.5 to a key is nothing that a project can mend.
        yield from ((value, _short(value)) for value in _ODD_NUMBERS if isinstance(value, int))
        yield "12abc", "'12abc'"
    if limits.kind == "number":
        bounds = (limits.min_value, limits.max_value)
        near = (bound + step for bound in bounds if bound is not None for step in (-1, 0, 1))
        yield from ((value, _short(value)) for value in dict.fromkeys((*near, *_ODD_NUMBERS)))
        yield "12abc", "'12abc'"
    yield from ((value, json.dumps(value)) for value in _ODD_VALUES)


def _json(request: Request, body: Any) -> Request:
    return replace(request, body=_encoded(body))


def _encoded(body: Any) -> bytes:
    return json.dumps(body).replace(f'"{_MARK}"', "1e999").encode()


def _short(value: Any) -> str:
    text = "1e999" if value == _TOO_LARGE else ascii(value)
    return text if len(text) <= 40 else f"{text[:30]}… ({len(str(value)):,} characters)"
