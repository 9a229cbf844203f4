"""A scenario's requests on one row after another, with one word after another: what is kept for each of them grows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.apps import apps
from django.db import models

from reglab.config.suite import Scenario
from reglab.config.suite_parts import Binding
from reglab.project.audit_ground import AuditGround
from reglab.project.requests.binding import bound_values, names_in
from reglab.project.requests.json_content import with_texts
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.test_client import Request

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
ROUNDS: Final = 6
# Of fewer rows nothing can be said: what grows with each of them would end too soon.
ROWS_MIN: Final = 4
Requests = tuple[Request, ...]
Way = list[Requests]
"""One way to ask for one row after another: a request, or several, a round."""


def ways(ground: AuditGround, scenario: Scenario) -> Iterator[Way]:
    """Yield the ways in which a scenario's rows may change, the likeliest first.

    First those of one row alone, the last that the path names, so that it still belongs to what stands before it; then
    all at once. What names no row is asked for by one client after another.
    """
    bindings: Mapping[str, Binding] = {**ground.file.suite.bindings, **scenario.bindings}
    named = [step.request for step in scenario.all_steps], [step.body for step in scenario.all_steps]
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name in sorted(names_in(*named) & bindings.keys(), key=lambda name: -_place(scenario, name)):
        # One row may be named twice: by its key, and by what it belongs to.
        groups.setdefault(_row_of(bindings[name]), []).append(name)
    values = bound_values(ground.file, scenario, sizes=ground.point.sizes)
    chosen = [*([names] for names in groups.values()), *([[*groups.values()]] if len(groups) > 1 else [])]
    for together in chosen or [[]]:
        rows = {name: _values(bindings[name]) for names in together for name in names}
        most = max((len({str(value) for value in found}) for found in rows.values()), default=0)
        changed = (
            {**values, **{name: found[number % len(found)] for name, found in rows.items() if found}}
            for number in range(min(ROUNDS, most) if most >= ROWS_MIN else ROUNDS)
        )
        yield [_by_visitor(prepared(ground.file.suite, scenario, each), number) for number, each in enumerate(changed)]


def by_words(ground: AuditGround, scenario: Scenario) -> Way:
    """Return a scenario's requests with another word in each text of the last one's query, and of its body.

    None where it has no text. What is refused for its words may be kept as well.
    """
    requests = ground.requests(scenario)
    last = requests[-1]
    return [
        (*requests[:-1], replace(last, path=_other_query(last.path, number), body=_other_body(last, number)))
        for number in range(ROUNDS)
        if _other_query(last.path, 1) != last.path or _other_body(last, 1) != last.body
    ]


def by_names(ground: AuditGround, scenario: Scenario) -> Way:
    """Return a scenario's requests with a parameter, and a field of the body, that nobody knows: another each time."""
    requests = ground.requests(scenario)
    return [(*requests[:-1], _with_unknown(requests[-1], f"unknown{number}")) for number in range(ROUNDS)]


def _with_unknown(request: Request, name: str) -> Request:
    parts = urlsplit(request.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    path = parts._replace(query=urlencode([*pairs, (name, "1")])).geturl()
    if request.content_type == _JSON and request.body and isinstance(body := json.loads(request.body), dict):
        return replace(request, body=json.dumps({**body, name: 1}).encode())
    return replace(request, path=path)


def _other_query(path: str, number: int) -> str:
    parts = urlsplit(path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(map(_is_words, (value for _, value in pairs))):
        return path
    return parts._replace(query=urlencode([(name, _other(value, number)) for name, value in pairs])).geturl()


def _other_body(request: Request, number: int) -> bytes:
    if request.content_type == _FORM:
        pairs = parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)
        return urlencode([(name, _other(value, number)) for name, value in pairs]).encode()
    if request.content_type == _JSON and request.body:
        return json.dumps(with_texts(json.loads(request.body), lambda text: _other(text, number))).encode()
    return request.body


def _other(value: str, number: int) -> str:
    """Return another text of the same kind: an address, too, begins with a word."""
    first, at, rest = value.partition("@")
    return f"{first}{'x' * number}{at}{rest}" if _is_words(first) else value


def _is_words(value: str) -> bool:
    return any(map(str.isalpha, value)) and not any(map(str.isdigit, value))


def _place(scenario: Scenario, name: str) -> int:
    """Return where the requests name a binding; what only a body names comes last."""
    text = " ".join(step.request for step in scenario.all_steps)
    return text.rfind("{" + name + "}")


def _row_of(binding: Binding) -> tuple[Any, ...]:
    return binding.model, repr(sorted(binding.filter.items())), binding.order_by, binding.index


def _values(binding: Binding) -> list[Any]:
    """Return the values of a binding on rows like the one that it binds, then on others of its model."""
    model: Any = apps.get_model(binding.model)
    rows: models.QuerySet[Any] = models.QuerySet(model)
    like = list(rows.filter(**binding.filter).order_by(*binding.order_by)[:ROUNDS])
    keys = {row.pk for row in like}
    if len(like) < ROUNDS:
        like += [row for row in rows.order_by("pk")[: ROUNDS + len(keys)] if row.pk not in keys]
    found = (_value(row, binding.field) for row in like[:ROUNDS])
    return [value for value in found if value is not None]


def _value(row: Any, field: str) -> Any:
    for part in field.split("__"):
        row = getattr(row, part, None)
    return row


def _by_visitor(requests: Sequence[Request], number: int) -> Requests:
    """Tell requests apart that have no rows of their own by a header, as one client from another."""
    return tuple(replace(one, headers={**one.headers, "User-Agent": f"visitor {number}"}) for one in requests)
