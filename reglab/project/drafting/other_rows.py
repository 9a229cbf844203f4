"""Other rows for a write that changed nothing: those of each state, as a cancelled order for what reopens orders."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.db.models import BooleanField, Field, Model

from reglab.project.requests.binding import rows_of

ROWS_MAX: Final = 12
Bindings = Mapping[str, Mapping[str, Any]]


def other_bindings(used: Bindings, known: Bindings) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield what may stand in place of a used binding: its name, another one, and how that is bound.

    First those that the suite has for the same model (`known`), then the first row of each choice and boolean.
    """
    for name, binding in used.items():
        model, field = binding["model"], binding.get("field", "pk")
        same = (
            (other, how)
            for other, how in known.items()
            if other != name and how["model"] == model and how.get("field", "pk") == field
        )
        found = [*same, *_by_state(name, apps.get_model(model), binding)]
        yield from ((name, other, how) for other, how in islice(found, ROWS_MAX))


def _by_state(name: str, model: type[Model], binding: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        for value, word in _states(field):
            filters = {**binding.get("filter", {}), field.name: value}
            if rows_of(model, filters=filters):
                yield f"{name}_{word}", {**binding, "filter": filters}


def _states(field: "Field[Any, Any]") -> Iterator[tuple[Any, str]]:
    """Yield the values of a field that has few, each with the word that names it."""
    if isinstance(field, BooleanField):
        yield True, field.name
        yield False, f"not_{field.name}"
        return
    for value, _label in field.flatchoices if isinstance(getattr(field, "choices", None), list | tuple) else ():
        word = re.sub(r"\W+", "_", str(value).lower()).strip("_")
        if isinstance(value, str | int) and word:
            yield value, word if word[0].isalpha() else f"{field.name}_{word}"
