"""Requests that no scenario sends: to rows in other states, with other fields than its own, at another hour."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.db import models

from reglab.config.suite import SuiteFile
from reglab.limits.fields import Limits, Readers
from reglab.limits.odd_texts import text_of_length
from reglab.limits.other_values import another_of
from reglab.limits.unsent.bodies import Body, body_of_request
from reglab.limits.unsent.fates import AS_IT_IS, Fates
from reglab.limits.unsent.rows import Subject
from reglab.limits.unsent.stored_values import at_stored, queries_at_stored
from reglab.project.data.isolation import stopped_clock
from reglab.project.requests.raced import SAFE_METHODS
from reglab.project.requests.test_client import Request

_PATCH: Final = "PATCH"
# Who asks is the audit of access's affair.
_OF_CALLERS: Final = frozenset({"authorization", "cookie"})
# What probes, browsers and proxies send where a GET is answered.
_BESIDE_GET: Final = ("HEAD", "OPTIONS")
# Of a long text or a list of a table too many requests would come.
_FIELDS_MAX: Final = 24
_LENGTH: Final = re.compile(r"(.+) of (\d+) characters")
_VALUE: Final = re.compile(r"(.+) = (-?\d+)")
# When the day of a place that is not at Greenwich is another one than there.
_HOURS: Final = (time(0, 30), time(23, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """One request that no scenario sends; `prepare` brings the rows into the state, `around` the hour, it is about."""

    request: Request
    told: str
    prepare: Callable[[], object] = lambda: None
    around: Callable[[], AbstractContextManager[object]] = nullcontext


def unsent_requests(
    request: Request,
    file: SuiteFile,
    *,
    subjects: Sequence[Subject] = (),
    fields: Sequence[Limits] = (),
    readers: Readers,
    accepted: Fates,
    is_first: bool = True,
) -> Iterator[Unsent]:
    """Yield a scenario's first request as it is, then with its `subjects` in each other state, then with other fields.

    One that reads is sent as HEAD and as OPTIONS, too.

    Where it is the first of its endpoint, its numbers and days are those of rows, too. Texts and numbers at the limits
    that were `accepted` are sent again, whatever the limits are now.
    """
    yield Unsent(request=request, told=AS_IT_IS)
    is_read = request.method in SAFE_METHODS
    for subject in subjects:
        for told, make in subject.states(is_read=is_read):
            yield Unsent(request=request, told=told, prepare=make)
    rows = [subject.row for subject in subjects]
    if is_read:
        yield from (_asking(replace(request, method=method), f"as {method}") for method in _BESIDE_GET)
        yield from _of_query(request, rows)
        return
    yield from _at_hours(request, file)
    yield from _of_headers(request, file)
    body = body_of_request(request)
    if body is None:
        return
    model = readers.model() or next(map(type, rows), None)
    row = readers.instance or next((row for row in rows if isinstance(row, model or object)), None)
    others = list(_others(model, row, body))
    if request.method == _PATCH:
        yield from (_asking(body.alone(name, value), f"{name} alone") for name, value in others)
    yield from (
        _asking(body.with_value(name, value), f"with {name}, too") for name, value in others if name not in body
    )
    if len(body) > 1:
        yield from (_asking(body.without(name), f"without {name}") for name in list(body)[:_FIELDS_MAX])
    yield from _at_limits(body, fields, accepted, model)
    if is_first:
        about = [*rows, *([readers.instance] if readers.instance is not None and readers.instance.pk else [])]
        yield from (_asking(changed, told) for told, changed in at_stored(body, fields, about))
    yield from (_asking(changed, told) for told, changed in body.other_files())


def _asking(request: Request, told: str) -> Unsent:
    return Unsent(request=request, told=told)


def _of_query(request: Request, rows: Sequence[models.Model]) -> Iterator[Unsent]:
    """Yield a request that reads with its days and numbers as they are in rows, and one step beside that."""
    parts = urlsplit(request.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    for told, place, text in queries_at_stored(pairs, rows):
        changed = [(name, text if index == place else own) for index, (name, own) in enumerate(pairs)]
        yield _asking(replace(request, path=parts._replace(query=urlencode(changed)).geturl()), told)


def _of_headers(request: Request, file: SuiteFile) -> Iterator[Unsent]:
    """Yield the request without each header of its own, and with another value: a signature that nobody checks."""
    for name, value in request.headers.items():
        if name not in file.suite.headers and name.lower() not in _OF_CALLERS:
            others = {other: text for other, text in request.headers.items() if other != name}
            yield _asking(replace(request, headers=others), f"without the header {name}")
            yield _asking(replace(request, headers={**others, name: f"{value}x"}), f"with another {name}")


def _at_hours(request: Request, file: SuiteFile) -> Iterator[Unsent]:
    """Yield the request at both ends of a day, where the project's day is another one than that of UTC."""
    if settings.TIME_ZONE in {"UTC", "Etc/UTC", "GMT"}:
        return
    for hour in _HOURS:
        moment = file.suite.clock.replace(hour=hour.hour, minute=hour.minute)
        yield Unsent(request=request, told=f"at {hour:%H:%M} UTC", around=partial(stopped_clock, moment))


def _others(model: type[models.Model] | None, row: models.Model | None, body: Body) -> Iterator[tuple[str, Any]]:
    """Yield another value for each field of the model, by the name that the body has for it or the field's own."""
    fields: Sequence[Any] = model._meta.concrete_fields if model is not None else ()  # noqa: SLF001
    for field in fields[:_FIELDS_MAX]:
        value = another_of(field, row)
        if value is None or field.primary_key:
            continue
        names = {field.name, field.attname}
        yield from ((name, value) for name in sorted(names & set(body) or names))


def _at_limits(
    body: Body, fields: Sequence[Limits], accepted: Fates, model: type[models.Model] | None
) -> Iterator[Unsent]:
    """Yield texts as long, and numbers as large and as small, as they may be, or could be when that was accepted.

    Where nothing says how long a text may be, the column of the model does.
    """
    known = {one.name: one for one in fields if not one.names_a_row and (len(one.path) == 1 or body.at(one.path))}
    lengths = {(name, one.max_length) for name, one in known.items() if one.max_length}
    columns: Sequence[Any] = model._meta.concrete_fields if model is not None else ()  # noqa: SLF001
    lengths |= {
        (one.name, one.max_length)
        for one in columns
        if isinstance(one, models.CharField) and not one.choices and one.max_length and one.name in known
    }
    lengths |= {(found[1], int(found[2])) for told in accepted if (found := _LENGTH.fullmatch(told))}
    for name, length in sorted(lengths):
        if name in known:
            told = f"{name} of {length} characters"
            text = text_of_length(str(body.at(known[name].path) or "x"), length)
            yield _asking(body.with_path(known[name].path, text), told)
    values = {(name, end) for name, one in known.items() for end in (one.min_value, one.max_value) if end is not None}
    values |= {(found[1], int(found[2])) for told in accepted if (found := _VALUE.fullmatch(told))}
    for name, value in sorted(values):
        if name in known:
            yield _asking(body.with_path(known[name].path, value), f"{name} = {value}")
