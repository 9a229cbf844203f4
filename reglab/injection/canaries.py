"""Canaries: values that nobody else sends, put in the place of each value of a request in turn."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from reglab.project.requests.test_client import Request

# Raw SQL keeps the quote; a value that the project quotes by itself doubles it. Searches treat a star in their own way.
PROBE: Final = "'\"--<b>*"
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A request in which one value is a canary. `word` is what is looked for; `part` names the value's place.

    `put` gives the request with another value in that place.
    """

    request: Request
    word: str
    part: str
    is_probe: bool
    put: Callable[[str], Request]


def new_word() -> str:
    """Return a word that is in no dictionary, column or table."""
    return f"zq{secrets.token_hex(4)}x"


def canaries_of(request: Request, parameters: Sequence[str] = (), headers: Sequence[str] = ()) -> Iterator[Canary]:
    """Yield the request with each of its values replaced in turn: once a plain word, once with quotes and markup.

    Query parameters, strings of the body, headers and one cookie; never numbers, which Django writes into LIMIT itself.
    `parameters` and `headers` are names that the request does not have, and that the code asks for.
    """
    for part, put in (*_places(request), *_absent(request, parameters, headers)):
        for is_probe in (False, True):
            word = new_word()
            request = put(word + PROBE if is_probe else word)
            yield Canary(request=request, word=word, part=part, is_probe=is_probe, put=put)


def _places(request: Request) -> Iterator[tuple[str, Any]]:
    yield from _query(request)
    yield from _segments(request)
    yield from _body(request)
    yield "header User-Agent", lambda value: _with_header(request, "User-Agent", value)
    yield "header Referer", lambda value: _with_header(request, "Referer", f"https://testserver/{value}")
    yield "cookie", lambda value: _with_header(request, "Cookie", f"visitor={value}")


def _absent(request: Request, parameters: Sequence[str], headers: Sequence[str]) -> Iterator[tuple[str, Any]]:
    parts = urlsplit(request.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for name in parameters:

        def put(value: str, name: str = name) -> Request:
            return replace(request, path=parts._replace(query=urlencode([*pairs, (name, value)])).geturl())

        yield f"?{name}=", put
    for name in headers:

        def put_header(value: str, name: str = name) -> Request:
            return _with_header(request, name, value)

        yield f"header {name}", put_header


def _query(request: Request) -> Iterator[tuple[str, Any]]:
    parts = urlsplit(request.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for index, (name, old) in enumerate(pairs):

        def put(value: str, index: int = index, name: str = name, old: str = old) -> Request:
            changed = [*pairs[:index], (name, _in_form_of(old, value)), *pairs[index + 1 :]]
            return replace(request, path=parts._replace(query=urlencode(changed)).geturl())

        yield f"?{name}=", put


def _segments(request: Request) -> Iterator[tuple[str, Any]]:
    """Give the segments of the path that are no words of the project: ids and slugs."""
    path, _, query = request.path.partition("?")
    segments = path.split("/")
    for index, segment in enumerate(segments):
        if not any(character.isdigit() for character in segment):
            continue

        def put(value: str, index: int = index) -> Request:
            changed = "/".join([*segments[:index], quote(value, safe=""), *segments[index + 1 :]])
            return replace(request, path=changed + (f"?{query}" if query else ""))

        yield f"segment {index} of the path", put


def _body(request: Request) -> Iterator[tuple[str, Any]]:
    if not request.body:
        return
    if request.content_type == _FORM:
        pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
        for index, (name, old) in enumerate(pairs):

            def put(value: str, index: int = index, name: str = name, old: str = old) -> Request:
                changed = [*pairs[:index], (name, _in_form_of(old, value)), *pairs[index + 1 :]]
                return replace(request, body=urlencode(changed).encode())

            yield f"form {name}", put
    if request.content_type == _JSON:
        body = json.loads(request.body)
        for path, old in _strings(body, ()):

            def put_json(value: str, path: tuple[Any, ...] = path, old: str = old) -> Request:
                return replace(request, body=json.dumps(_with(body, path, _in_form_of(old, value))).encode())

            yield f"body {'.'.join(str(step) for step in path)}", put_json


def _in_form_of(old: str, value: str) -> str:
    """Keep what an address must look like, or nothing behind its check, or made for its parts, is ever reached."""
    local, at, domain = old.partition("@")
    return f"{value}{at}{domain}" if at and " " not in local else value


def _strings(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:1]):
            yield from _strings(inner, (*path, index))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: _with(value[step], tuple(rest), new)}
    return [_with(inner, tuple(rest), new) if index == step else inner for index, inner in enumerate(value)]


def _with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers={**request.headers, name: value})
