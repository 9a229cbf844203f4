"""Kinds of rows: what a model allows a row to be, one field or one empty relation at a time."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

_KINDS_MAX: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of rows of a model; `make` turns the rows with these keys into rows of that kind.

    A kind by the `value` of one field names the field.
    """

    model: type[models.Model]
    told: str
    make: Callable[[Sequence[Any]], object]
    field: str = ""
    value: Any = None


def kinds_of(model: type[models.Model]) -> tuple[Kind, ...]:
    """Return the kinds of a model: each boolean, choice, null and zero of its fields, and each empty relation."""
    found = [*_of_relations(model), *_of_fields(model)]
    return tuple(found[:_KINDS_MAX])


def _of_fields(model: type[models.Model]) -> Iterator[Kind]:
    for field in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if field.primary_key or field.unique or is_bookkeeping(model, field.name):
            continue
        for value in _values(field):
            yield Kind(
                model=model,
                told=f"{_name(model)} with {field.name} = {value!r}",
                make=_setting(model, field.attname, value),
                field=field.name,
                value=value,
            )


@cache
def is_bookkeeping(model: type[models.Model], name: str) -> bool:
    """Tell whether a column is kept by a library for itself, as the place in a tree: no row has another value there.

    Nobody edits it, and neither the model nor a class of the project that it inherits from declares it.
    """
    if model._meta.get_field(name).editable:  # noqa: SLF001  # Django's public name for it
        return False
    declared = re.compile(rf"^\s*{re.escape(name)}\s*[:=]", re.MULTILINE)
    return not any(declared.search(text) for text in _sources(model))


def _sources(model: type[models.Model]) -> Iterator[str]:
    """Yield the sources of the modules of a model's own classes; one line that declares all where there is none."""
    for cls in model.__mro__:
        path = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
        if not (issubclass(cls, models.Model) and cls is not models.Model) or "-packages" in path:
            continue
        try:
            yield inspect.getsource(sys.modules[cls.__module__])
        except (OSError, TypeError, KeyError):
            yield "".join(f"{field.name} =\n" for field in model._meta.concrete_fields)  # noqa: SLF001


def _values(field: "models.Field[Any, Any]") -> Iterator[Any]:
    if isinstance(field, models.BooleanField):
        yield from (True, False)
    elif field.choices:
        yield from (value for value, _ in field.flatchoices if value is not None)
    elif isinstance(field, models.IntegerField | models.DecimalField | models.FloatField):
        yield 0
    if field.null:
        yield None


def _of_relations(model: type[models.Model]) -> Iterator[Kind]:
    for relation in model._meta.related_objects:  # noqa: SLF001
        child, field = relation.related_model, relation.field
        if isinstance(field, models.ForeignKey) and child._meta.managed:  # noqa: SLF001
            yield Kind(
                model=model,
                told=f"{_name(model)} without {_name(child)}",
                make=_emptying(child, field),
            )


def _setting(model: type[models.Model], attribute: str, value: Any) -> Callable[[Sequence[Any]], object]:
    # A queryset of Django's own: the project's may do more than one UPDATE.
    return lambda keys: models.QuerySet(model).filter(pk__in=keys).update(**{attribute: value})


def _emptying(child: type[models.Model], field: Any) -> Callable[[Sequence[Any]], object]:
    def make(keys: Sequence[Any]) -> None:
        rows: models.QuerySet[Any] = models.QuerySet(child).filter(**{f"{field.name}__in": keys})
        _delete(child, rows, set())

    return make


def without_rows(model: type[models.Model], keys: Sequence[Any]) -> None:
    """Delete the rows with these keys, and what points at them, without a word to the project."""
    _delete(model, models.QuerySet(model).filter(pk__in=keys), set())


def _delete(model: type[models.Model], rows: "models.QuerySet[Any]", gone: set[tuple[Any, Any]]) -> None:
    """Delete rows without a signal, and before them what points at them: a row that points at nothing is no kind.

    `gone` are the rows, by model and key, that are deleted already, or about to be.
    """
    keys = [key for key in rows.values_list("pk", flat=True) if (model, key) not in gone]
    gone.update((model, key) for key in keys)
    for field in _keys_to(model) if keys else ():
        pointing: models.QuerySet[Any] = models.QuerySet(field.model).filter(**{f"{field.name}__in": keys})
        if field.null:
            pointing.update(**{field.attname: None})
        else:
            _delete(field.model, pointing, gone)
    chosen: models.QuerySet[Any] = models.QuerySet(model).filter(pk__in=keys)
    chosen._raw_delete(chosen.db)  # noqa: SLF001  # neither the project's signals nor its own delete()


def _keys_to(model: type[models.Model]) -> Iterator[Any]:
    """Yield the foreign keys that point at a model's table, those of many-to-many tables included."""
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001  # Django's public name for it
        field: Any = getattr(relation, "field", None)
        is_key = isinstance(relation, ForeignObjectRel) and isinstance(field, models.ForeignKey)
        if is_key and field.model._meta.managed and not field.model._meta.proxy:  # noqa: SLF001
            yield field


def _name(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name_plural)  # noqa: SLF001
