"""Other requests to the same endpoint: later pages, filters that no scenario sends, a caller of the staff."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db.models import Model, QuerySet

from reglab.project.data.superuser import superuser_cookie
from reglab.project.requests.test_client import Request

_PAGES: Final = frozenset({"page", "p"})
# Where no field is called as a parameter is: a key, and a text.
_ANY_VALUES: Final = ("1", "a")
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


def unsent_filters(requests: Requests, asked: Sequence[str], models: Sequence[type[Model]]) -> Iterator[RequestKind]:
    """Yield the requests with each parameter that the code asks for in vain, with a value that rows have where known.

    It is that of the first row with a field of the parameter's name, of the models or of those that refer to them.
    Parameters of the admin's own (`_facets`, `_popup`) are Django's, and cost the same however many rows there are.
    """
    for name in (one for one in asked if not one.startswith("_")):
        for value in _values_called(name, models) or _ANY_VALUES:
            changed = _with_query(requests, {name: value})
            yield RequestKind(told=f"asked for with ?{name}=", requests=changed, compared=requests)


def _values_called(name: str, models: Sequence[type[Model]]) -> tuple[str, ...]:
    """Return the value of the field with that name in the first row that has one; nothing where no field has it."""
    children = [relation.related_model for model in models for relation in model._meta.related_objects]  # noqa: SLF001
    for model in dict.fromkeys([*models, *children]):
        for field in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
            if name in {field.name, field.attname}:
                rows: QuerySet[Any] = QuerySet(model).exclude(**{field.attname: None}).order_by("pk")
                value = rows.values_list(field.attname, flat=True).first()
                if value is not None:
                    return (str(value).lower() if isinstance(value, bool) else str(value),)
    return ()


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
