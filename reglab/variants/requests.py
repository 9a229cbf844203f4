"""Other requests to the same endpoint: later pages, filters that no scenario sends, a caller of the staff."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from reglab.project.data.superuser import superuser_cookie
from reglab.project.requests.test_client import Request

_PAGES: Final = frozenset({"page", "p"})
# Fewer rows on a page show no repetition.
_ROWS_MIN: Final = 3
Requests = tuple[Request, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKind:
    """A scenario's requests in another way, and what they are compared with: as many rows, asked for as before."""

    told: str
    requests: Requests
    compared: Requests


def later_pages(requests: Requests, body: bytes, asked: Sequence[str]) -> Iterator[RequestKind]:
    """Yield the second page, of half as many rows as there are, where the code asks for the number of a page."""
    rows = _rows_of(body) // 2
    path = requests[-1].path
    for name in (one for one in asked if one in _PAGES):
        for size, value in parse_qsl(urlsplit(path).query):
            if value.isdigit() and int(value) >= 2 * rows and rows >= _ROWS_MIN:
                half = _with_query(requests, {size: str(rows)})
                yield RequestKind(
                    told=f"asked for with {name}=2, {rows} rows a page",
                    requests=_with_query(half, {name: "2"}),
                    compared=half,
                )


def filtered(requests: Requests, name: str, value: Any, asked: Sequence[str]) -> Requests | None:
    """Return the requests with a filter for one value of a field, where the code asks for it and none is sent."""
    if name not in asked or value is None:
        return None
    return _with_query(requests, {name: str(value).lower() if isinstance(value, bool) else str(value)})


def by_staff(requests: Requests) -> RequestKind:
    """Return the requests as the suite's superuser sends them: in a session, which DRF's authentication believes."""
    cookie = superuser_cookie()
    changed = tuple(replace(one, headers={**one.headers, "Cookie": cookie}, is_forced=True) for one in requests)
    return RequestKind(told="asked for by a superuser", requests=changed, compared=requests)


def _with_query(requests: Requests, values: dict[str, str]) -> Requests:
    *others, last = requests
    parts = urlsplit(last.path)
    query = urlencode({**dict(parse_qsl(parts.query, keep_blank_values=True)), **values})
    return (*others, replace(last, path=parts._replace(query=query).geturl()))


def _rows_of(body: bytes) -> int:
    """Return how many rows a list in JSON shows."""
    try:
        content = json.loads(body)
    except ValueError:
        return 0
    lists = [content] if isinstance(content, list) else []
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
    return max((len(each) for each in lists), default=0)
