"""Other rows for a write that changed nothing: those of each state, as a cancelled order for what reopens orders."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.db.models import BooleanField, Field, Model

from reglab.project.requests.binding import rows_of

ROWS_MAX: Final = 12
_FURTHER: Final = (1, 2, 3)
Bindings = Mapping[str, Mapping[str, Any]]


def other_bindings(used: Bindings, known: Bindings) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield what may stand in place of a used binding: its name, another one, and how that is bound.

    First those that the suite has for the same model (`known`), then the first row of each choice and boolean, and of
    what is set and not set; then other rows.
    """
    for name, binding in used.items():
        model, field = binding["model"], binding.get("field", "pk")
        same = (
            (other, how)
            for other, how in known.items()
            if other != name and how["model"] == model and how.get("field", "pk") == field
        )
        further = ((f"{name}_{index + 1}", {**binding, "index": index}) for index in _FURTHER if "index" not in binding)
        found = [*same, *_by_state(name, apps.get_model(model), binding), *further]
        yield from ((name, other, how) for other, how in islice(found, ROWS_MAX))


def _by_state(name: str, model: type[Model], binding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    for conditions in (_values, _presence):
        for field in fields:
            for condition, word in conditions(field):
                filters = {**binding.get("filter", {}), **condition}
                if rows_of(model, filters=filters):
                    yield f"{name}_{word}", {**binding, "filter": filters}


def _values(field: "Field[Any, Any]") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the values of a field that has few, each with the word that names it."""
    if isinstance(field, BooleanField):
        yield {field.name: True}, field.name
        yield {field.name: False}, f"not_{field.name}"
        return
    for value, _label in field.flatchoices if isinstance(getattr(field, "choices", None), list | tuple) else ():
        word = re.sub(r"\W+", "_", str(value).lower()).strip("_")
        if isinstance(value, str | int) and word:
            yield {field.name: value}, word if word[0].isalpha() else f"{field.name}_{word}"


def _presence(field: "Field[Any, Any]") -> Iterator[tuple[dict[str, Any], str]]:
    """Yield whether a field is set, where it need not be: what is returned has a date of that."""
    if field.null and not field.is_relation:
        yield {f"{field.name}__isnull": True}, f"without_{field.name}"
        yield {f"{field.name}__isnull": False}, f"with_{field.name}"
