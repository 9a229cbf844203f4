"""Keys of rows in a page's form: bindings in their place, for with more rows a row has another key."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.db.models import ForeignKey, Model

from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.view_models import model_of
from reglab.project.endpoints.discovery import Endpoint

_KEYS_TRIED: Final = 4


def bound_keys(
    endpoint: Endpoint, fields: Mapping[str, Any], known: Mapping[str, forms.Field]
) -> tuple[dict[str, Any], dict[str, Bound]]:
    """Return a form's fields with bindings where they hold keys of rows, and the bindings.

    A field that is named as a key of the endpoint's model is one; so is one whose form chooses rows, as each line of a
    formset says which row it is, and to which it belongs. `known` are the fields of the forms behind the page.
    """
    content, bindings = dict(fields), {}
    for name, model in (*_by_model(endpoint), *_by_form(known)):
        text = str(content.get(name) or "")
        found = (binding_of(model, index=index) for index in range(_KEYS_TRIED) if text)
        bound = next((each for each in found if each and each.text == text), None)
        if bound is not None:
            bindings[bound.key] = bound
            content[name] = "{" + bound.key + "}"
    return content, bindings


def _by_model(endpoint: Endpoint) -> Iterator[tuple[str, type[Model]]]:
    model = model_of(endpoint)
    keys = model._meta.concrete_fields if model is not None else ()  # noqa: SLF001  # Django's public name for it
    yield from ((one.name, one.remote_field.model) for one in keys if isinstance(one, ForeignKey))


def _by_form(known: Mapping[str, forms.Field]) -> Iterator[tuple[str, type[Model]]]:
    for name, field in known.items():
        if isinstance(field, forms.models.InlineForeignKeyField):
            yield name, type(field.parent_instance)
        elif isinstance(field, forms.ModelChoiceField) and not field.to_field_name and field.queryset is not None:
            yield name, field.queryset.model
