"""Fields of a request, with the limits that the serializer or form which reads them declares."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django import forms
from django.db import models

Path = tuple[str | int, ...]


def value_at(value: Any, path: Path) -> Any:
    """Return the value at a path, which may lead into lists and objects; None where there is none."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def with_value_at(value: Any, path: Path, new: Any) -> Any:
    """Return a value of JSON with a new one at a path, its parents made where there are none; the old one stays."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(value or [{}])
        items[step] = with_value_at(items[step], rest, new)
        return items
    return {**(value or {}), step: with_value_at((value or {}).get(step), rest, new)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one field of a body may be, as far as somebody declared it."""

    path: Path
    kind: str
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    model: type[models.Model] | None = None
    names_a_row: bool = False
    # The classes that check it: the field's own, then its reader's.
    checked_by: tuple[type, ...] = ()

    @property
    def name(self) -> str:
        """The field as a reader calls it: "lines.0.name"."""
        return ".".join(str(step) for step in self.path)


class Readers:
    """The serializers of DRF and the forms that read data inside the block, in their order."""

    def __init__(self) -> None:
        self.serializers: list[Any] = []
        self.forms: list[forms.BaseForm] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note each reader that validates."""
        with ExitStack() as stack:
            clean = forms.BaseForm.full_clean

            def noted_clean(form: forms.BaseForm) -> None:
                self.forms.append(form)
                clean(form)

            stack.enter_context(mock.patch.object(forms.BaseForm, "full_clean", noted_clean))
            try:
                from rest_framework import serializers
            except ImportError:
                yield
                return
            for kind in (serializers.BaseSerializer, serializers.ListSerializer):
                if "is_valid" in vars(kind):
                    stack.enter_context(mock.patch.object(kind, "is_valid", self._noting(kind.is_valid)))
            yield

    def _noting(self, is_valid: Any) -> Any:
        def noted(serializer: Any, **named: Any) -> bool:
            self.serializers.append(serializer)
            return bool(is_valid(serializer, **named))

        return noted

    @property
    def instance(self) -> models.Model | None:
        """The row that the last serializer saved."""
        saved = (getattr(one, "instance", None) for one in reversed(self.serializers))
        return next((one for one in saved if isinstance(one, models.Model)), None)

    def model(self) -> type[models.Model] | None:
        """The model whose rows the readers write, where they say so."""
        for reader in (*self.serializers, *self.forms):
            meta = getattr(reader, "Meta", None)
            if isinstance(model := getattr(meta, "model", None), type) and issubclass(model, models.Model):
                return model
        return self.instance.__class__ if self.instance is not None else None


def fields_of(body: Any, readers: Readers) -> tuple[Limits, ...]:
    """Return the fields of a body that is a mapping: those that it has, and those that its reader would take."""
    declared: dict[Path, Any] = {}
    for serializer in readers.serializers[:1]:
        declared.update(_of_serializer(serializer, ()))
    for form in readers.forms:
        # One that reads the query, such as a filter's, has nothing of the body.
        if set(form.data or ()) & set(body):
            declared.update({(name,): field for name, field in form.fields.items()})
    found: dict[Path, Limits] = {}
    for path, value in _leaves(body, ()):
        found[path] = _limits(path, value, declared.get(path))
    for path, field in declared.items():
        if path not in found and len(path) == 1 and not _has_inner(field):
            found[path] = _limits(path, None, field)
    return tuple(found.values())


def _of_serializer(serializer: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    fields: Any = getattr(serializer, "fields", None)
    if not hasattr(fields, "items"):
        return
    for name, field in fields.items():
        if getattr(field, "read_only", False) or type(field).__name__ == "HiddenField":
            continue
        child = getattr(field, "child", None)
        if _has_inner(field):
            yield from _of_serializer(child or field, (*path, name, 0) if child is not None else (*path, name))
        yield (*path, name), field


def _has_inner(field: Any) -> bool:
    return hasattr(field, "fields") or hasattr(getattr(field, "child", None), "fields")


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from _leaves(inner, (*path, 0))
    elif path:
        yield path, value


def _limits(path: Path, value: Any, field: Any) -> Limits:
    return Limits(
        path=path,
        kind=_kind(value, field),
        max_length=_number(field, "max_length"),
        min_value=_number(field, "min_value"),
        max_value=_number(field, "max_value"),
        names_a_row=_names_a_row(path, field),
        checked_by=() if field is None else tuple(type(one) for one in (field, getattr(field, "parent", None)) if one),
    )


def _names_a_row(path: Path, field: Any) -> bool:
    """Tell whether a field holds a key: by its class, or by how it is called."""
    last = str(path[-1]).lower() if path else ""
    kind = type(field).__name__.lower()
    return last in {"id", "pk", "uuid"} or last.endswith(("_id", "_pk")) or "related" in kind or "modelchoice" in kind


def _kind(value: Any, field: Any) -> str:
    name = type(field).__name__.lower() if field is not None else ""
    if isinstance(value, bool) or "boolean" in name:
        return "flag"
    if "primarykey" in name:
        return "key"
    if isinstance(value, int | float) or any(word in name for word in ("integer", "decimal", "float")):
        return "number"
    return "text"


def _number(field: Any, name: str) -> int | None:
    value = getattr(field, name, None)
    if value is None:
        for validator in getattr(field, "validators", ()):
            if type(validator).__name__.lower() == f"{name.replace('_', '')}validator":
                value = validator.limit_value
    value = value() if callable(value) else value
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
