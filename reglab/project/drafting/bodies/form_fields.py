"""Fields of the forms behind a page: a browser is told of a text where Django wants a date."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from django import forms

from reglab.project.drafting.bodies.moments import date_for, moment_for, time_for

_FORMS_MAX: Final = 20
# What the admin wraps around its forms.
_OF_ADMIN: Final = "django.contrib.admin.helpers"


def fields_of_forms(context: Any) -> dict[str, forms.Field]:
    """Return the fields of all forms in what a response's templates were given, by their names in the page."""
    found: dict[str, forms.Field] = {}
    for values in _values(context):
        for value in values:
            for form in _forms_in(value):
                found.update({bound.html_name: bound.field for bound in form})
    return found


def _values(context: Any) -> Iterator[Iterable[Any]]:
    """Yield the values of each template's context: Django's test client keeps one, or a list of them."""
    for one in context if isinstance(context, list) else [context]:
        if hasattr(one, "flatten"):
            yield one.flatten().values()


def _forms_in(value: Any) -> Iterator[Any]:
    # By its type: to ask a lazy object what it is would load it.
    kind = type(value)
    if issubclass(kind, forms.BaseForm):
        yield value
    elif issubclass(kind, forms.BaseFormSet):
        yield from value.forms[:_FORMS_MAX]
    elif kind.__module__ == _OF_ADMIN:
        yield from _forms_in(getattr(value, "form", None) or getattr(value, "formset", None))
    elif issubclass(kind, list | tuple):
        for one in value[:_FORMS_MAX]:
            if type(one).__module__ == _OF_ADMIN:
                yield from _forms_in(one)


def typed(fields: Mapping[str, Any], known: Mapping[str, forms.Field], drafted: str) -> dict[str, Any]:
    """Return a form's fields with values of their kinds where a text was made up: what is not `drafted` stays."""
    return {
        name: value_of_field(name, known[name]) or value
        if isinstance(value, str) and value.startswith(drafted) and name in known
        else value
        for name, value in fields.items()
    }


def value_of_field(name: str, one: Any) -> Any:
    """Return a value that a field of a form takes, as far as its class tells; None where it has nothing to choose."""
    if isinstance(one, forms.ModelChoiceField):
        row = one.queryset.order_by("pk").first() if one.queryset is not None else None
        return row.pk if row is not None else None
    if isinstance(one, forms.ChoiceField):
        return next((key for key, _ in list(cast("Any", one.choices)) if key not in ("", None)), None)
    samples: tuple[tuple[Any, Any], ...] = (
        (forms.BooleanField, "on"),
        (forms.EmailField, "drafted@example.com"),
        (forms.URLField, "https://example.com/drafted"),
        (forms.UUIDField, "6f2d9a54-0c1b-4f5e-9a43-6b1f0a6c2026"),
        (forms.GenericIPAddressField, "192.0.2.1"),
        (forms.DateTimeField, moment_for(name)),
        (forms.DateField, date_for(name)),
        (forms.TimeField, time_for(name)),
        (forms.DurationField, "00:05:00"),
        (forms.JSONField, "{}"),
        (forms.IntegerField, 1),
    )
    return next((value for kind, value in samples if isinstance(one, kind)), "drafted-1")
