"""Filters of lists: requests with a parameter that the code asks for, where it changes what is asked of the database.

A list without its filter answers as before to who does not filter: only who does sees that it is gone.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from django.db.models import CharField, Model, TextField

from reglab.project.drafting.bodies.operations import optional_parameters
from reglab.project.drafting.outcomes.outcome import RANK_MEASURED, Attempt, Outcome
from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.trier import Trier, Try
from reglab.project.drafting.view_models import model_admin_of, model_called, model_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.asked_for import AskedFor

_PER_ENDPOINT: Final = 3
_IN_ALL: Final = 40
_TRIED_PER_ENDPOINT: Final = 8
# They choose a part or a form of the answer, not its rows.
_NO_FILTERS: Final = frozenset(
    {"page", "page_size", "per_page", "limit", "offset", "cursor", "size", "format", "fields", "lang", "language"}
    | {"ordering", "order", "order_by", "sort", "sort_by", "o", "next", "token", "callback", "_popup", "_to_field"}
)
_NAME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]{0,40}$")
_AROUND: Final = re.compile(
    r"^(?:min|max|from|to|has|is|filter)_|_(?:id|in|min|max|from|to|after|before|gte|lte|gt|lt)$"
)


def filtered_lists(trier: Trier, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes beside those of the lists themselves: one for each of the first filters that do anything."""
    return list(islice((each for outcome in outcomes for each in _of_list(trier, outcome)), _IN_ALL))


def _of_list(trier: Trier, outcome: Outcome) -> Iterator[Outcome]:
    plain, endpoint = outcome.attempt, outcome.endpoint
    is_of_one_row = endpoint.path.rstrip("/").endswith("}")
    is_ours = endpoint.method == "GET" and not model_admin_of(endpoint.view)
    if plain is None or not outcome.is_measured or not is_ours or is_of_one_row:
        return
    asked = AskedFor()
    with asked.noted():
        trier.again(plain)
    kept = 0
    # A router reads its whole query at once: its schema says what it asks for.
    names = dict.fromkeys((*asked.parameters, *optional_parameters(endpoint)))
    for name in islice(names, _TRIED_PER_ENDPOINT):
        if name.lower() in _NO_FILTERS or not _NAME.match(name):
            continue
        filtered = next(_tried(trier, endpoint, plain, name), None)
        if filtered is not None:
            yield Outcome(endpoint=endpoint, attempt=filtered, filtered_by=name)
            kept += 1
        if kept == _PER_ENDPOINT:
            return


def _tried(trier: Trier, endpoint: Endpoint, plain: Attempt, name: str) -> Iterator[Attempt]:
    """Yield the attempts with a value of a row's that are filtered by it."""
    for bound in _values(endpoint, name):
        mark = "&" if "?" in plain.request else "?"
        attempt = trier.attempt(
            Try(
                request=f"{plain.request}{mark}{name}={{{bound.key}}}",
                bindings={**plain.bindings, bound.key: dict(bound.binding or {})},
            )
        )
        if attempt.rank >= RANK_MEASURED and _is_filtered(attempt, plain):
            yield attempt


def _is_filtered(attempt: Attempt, plain: Attempt) -> bool:
    """Tell whether other rows were asked for; a page may show the value itself."""
    is_page = "html" in attempt.seen.content_type
    return attempt.seen.statements != plain.seen.statements or (not is_page and attempt.seen.body != plain.seen.body)


def _values(endpoint: Endpoint, name: str) -> Iterator[Bound]:
    """Yield values of rows that a parameter of this name may be about: a field's, another model's key, a text."""
    model = model_of(endpoint)
    if model is None:
        return
    words = dict.fromkeys((name, name.partition("__")[0], _AROUND.sub("", name)))
    for field in (each for word in words for each in _fields_called(model, word)):
        if (bound := binding_of(model, field)) is not None:
            yield bound
    for word in words:
        related = model_called(word)
        if related is not None and (bound := binding_of(related)) is not None:
            yield bound
    texts = (one.name for one in model._meta.concrete_fields if _is_text(one))  # noqa: SLF001  # Django's public name
    for field in islice(texts, 1):
        if (bound := binding_of(model, field)) is not None:
            yield bound


def _fields_called(model: type[Model], word: str) -> Iterator[str]:
    for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if word in {one.name, one.attname}:
            yield one.attname


def _is_text(one: object) -> bool:
    return isinstance(one, CharField | TextField) and not one.choices
