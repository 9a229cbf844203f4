"""Bodies to try for an endpoint that writes: from its serializer, its page's form, its schema, or its model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.apps import apps
from django.db.models import AutoField, CharField, FileField, ForeignKey, JSONField, Model

from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of
from reglab.project.drafting.bodies.files import has_file, sample_file
from reglab.project.drafting.bodies.form_fields import typed, value_of_field
from reglab.project.drafting.bodies.html_forms import DRAFTED, Form, forms_of
from reglab.project.drafting.bodies.operations import bodies_of_operation
from reglab.project.drafting.bodies.row_keys import bound_keys
from reglab.project.drafting.bodies.serializers import NEW_ROW, SerializerBodies
from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.view_models import class_of, classes_named_in_code, model_admin_of, model_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import reached_functions
from reglab.project.requests.request_builder import MULTIPART

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_NAMING: Final = frozenset({"slug", "code", "name", "key", "title"})
_NAME: Final = re.compile(r"^[a-z][a-z0-9_]{1,40}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body to try, its type, where it is from, and the bindings that it needs."""

    content: Any
    content_type: str
    source: str
    bindings: Mapping[str, Bound] = field(default_factory=dict)


def bodies_of(
    endpoint: Endpoint, page: bytes, fields_of_page: Mapping[str, forms.Field] = MappingProxyType({})
) -> Iterator[Body]:
    """Yield bodies for an endpoint, the likeliest first.

    `page` is what a GET of the same URL answers, `fields_of_page` are the fields of the forms behind it.
    """
    if endpoint.method == "DELETE":
        yield Body(content=None, content_type=JSON, source="no body")
        return
    from_serializer = SerializerBodies()
    for content in from_serializer.bodies(endpoint):
        kind = MULTIPART if has_file(content) else JSON
        yield Body(content=content, content_type=kind, source="serializer", bindings=dict(from_serializer.bindings))
    yield from _of_admin_action(endpoint)
    pages = [
        replace(
            form,
            fields=typed(form.fields, fields_of_page, DRAFTED),
            optional=typed(form.optional, fields_of_page, DRAFTED),
        )
        for form in forms_of(page.decode(errors="replace"))
    ]
    # As somebody sends it who changed the texts first, then as it came; then with what may be left empty, too: a
    # formset's new rows are.
    edited = (form.edited for form in pages if form.edits)
    for fields in (*edited, *(form.fields for form in pages), *(form.filled for form in pages if form.optional)):
        content, bindings = bound_keys(endpoint, _without_token(fields), fields_of_page)
        kind = MULTIPART if has_file(content) else FORM
        yield Body(content=content, content_type=kind, source="form of the page", bindings=bindings)
    yield from _of_forms_with_rows(endpoint, pages, fields_of_page)
    by_schema = list(bodies_of_operation(endpoint))
    for content in by_schema:
        keys = {name: (bound,) for name, bound in _keys_in(content)}
        named = dict(_names_in(content, endpoint))
        for bound in (keys, keys | named) if named else (keys,):
            yield Body(
                content=_with_rows(content, bound),
                content_type=JSON,
                source="schema",
                bindings={one.key: one for rows in bound.values() for one in rows},
            )
    yield from _of_form_class(endpoint)
    if not by_schema:
        # A schema says which fields there are; those of the model would only be refused.
        yield from _of_model(endpoint)
    yield Body(content={}, content_type=JSON, source="empty body")
    yield Body(content="", content_type=FORM, source="empty form")


def _without_token(fields: Mapping[str, Any]) -> dict[str, Any]:
    # The token of the page is another in each answer, and Django's test client is not asked for one.
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def _keys_in(content: Any) -> Iterator[tuple[str, Bound]]:
    """Yield the names in a schema's example that stand for a row's key, "author_id", each with a row of that model."""
    for name, value in content.items() if isinstance(content, dict) else ():
        yield from _keys_in(value)
        models = [one for one in apps.get_models() if f"{one._meta.model_name}_id" == name.lower()]  # noqa: SLF001
        if len(models) == 1 and (bound := binding_of(models[0])) is not None:
            yield name, bound


def _names_in(content: Any, endpoint: Endpoint) -> Iterator[tuple[str, tuple[Bound, ...]]]:
    """Yield the texts in a schema's example that may name rows: "species" of that model, "codes" of the endpoint's."""
    own = model_of(endpoint)
    for name, value in content.items() if isinstance(content, dict) else ():
        yield from _names_in(value, endpoint)
        if isinstance(value, str):
            models = [one for one in apps.get_models() if one._meta.model_name == name.lower().replace("_", "")]  # noqa: SLF001
            columns = _naming(models[0]) if len(models) == 1 else []
            if bound := _rows_named(models[0], columns[:1], count=1) if columns else ():
                yield name, bound
        elif isinstance(value, list) and value and isinstance(value[0], str):
            columns = [one for one in _naming(own) if name == f"{one}s"] if own is not None else []
            if own is not None and (bound := _rows_named(own, columns, count=len(value))):
                yield name, bound


def _naming(model: type[Model]) -> list[str]:
    """Return the text columns that name a row of a model, those that are unique first."""
    texts = [one for one in model._meta.concrete_fields if isinstance(one, CharField) and not one.choices]  # noqa: SLF001
    named = [one for one in texts if one.unique or one.name in _NAMING]
    return [one.name for one in sorted(named, key=lambda one: not one.unique)]


def _rows_named(model: type[Model], columns: Sequence[str], *, count: int) -> tuple[Bound, ...]:
    rows = (binding_of(model, column, index=index) for column in columns for index in range(count))
    return tuple(one for one in rows if one is not None)


def _with_rows(content: Any, rows: Mapping[str, Sequence[Bound]]) -> Any:
    if not isinstance(content, dict):
        return content
    return {
        name: _written(value, rows[name]) if name in rows else _with_rows(value, rows)
        for name, value in content.items()
    }


def _written(value: Any, rows: Sequence[Bound]) -> Any:
    written = ["{" + one.key + "}" for one in rows]
    return written if isinstance(value, list) else written[0]


def _of_forms_with_rows(endpoint: Endpoint, pages: Sequence[Form], known: Mapping[str, forms.Field]) -> Iterator[Body]:
    """Yield the page's forms with rows where they have none: a search field offers its rows to scripts alone."""
    model = model_of(endpoint)
    if model is None:
        return
    content, bound = _fields_of(model)
    relations = [one.name for one in model._meta.concrete_fields if isinstance(one, ForeignKey)]  # noqa: SLF001
    for form in pages:
        empty = [name for name in relations if name in content and not form.fields.get(name)]
        if empty and any(one.name in form.fields for one in model._meta.concrete_fields):  # noqa: SLF001
            fields, bindings = bound_keys(endpoint, _without_token(form.filled), known)
            fields |= {name: content[name] for name in empty}
            kind = MULTIPART if has_file(fields) else FORM
            yield Body(
                content=fields, content_type=kind, source="form of the page, with rows", bindings=bindings | bound
            )


def _of_admin_action(endpoint: Endpoint) -> Iterator[Body]:
    """Yield what a list of the admin takes: an action on a row, the project's own first, confirmed."""
    admin = model_admin_of(endpoint.view)
    if admin is None or endpoint.parameters or endpoint.path.endswith("/add/"):
        return
    if (bound := binding_of(admin.model)) is not None:
        own = [getattr(action, "__name__", action) for action in admin.actions or ()]
        for action in (*own, "delete_selected"):
            content = {"action": action, "_selected_action": "{" + bound.key + "}", "post": "yes"}
            yield Body(content=content, content_type=FORM, source="admin's action", bindings={bound.key: bound})


def _of_form_class(endpoint: Endpoint) -> Iterator[Body]:
    """Yield a body for the form of a view, its class's own or one that its code names: its page may not show it."""
    form_class = getattr(class_of(endpoint.view), "form_class", None)
    if not _is_form(form_class):
        form_class = next(classes_named_in_code(endpoint, _is_form), None)
    if form_class is None:
        return
    found: dict[str, Any] = {}
    for name, one in getattr(form_class, "base_fields", {}).items():
        value = sample_file(name) if isinstance(one, forms.FileField) else value_of_field(name, one)
        if value is not None:
            found[name] = value
    content, bindings = bound_keys(endpoint, found, getattr(form_class, "base_fields", {}))
    kind = MULTIPART if has_file(content) else FORM
    yield Body(content=content, content_type=kind, source="form class", bindings=bindings)


def _is_form(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, forms.BaseForm) and not found.__module__.startswith("django.")


def _of_model(endpoint: Endpoint) -> Iterator[Body]:
    """Yield the fields of the endpoint's model, as JSON and as a form, with the names that the view's code reads."""
    model = model_of(endpoint)
    content, bindings = _fields_of(model) if model is not None else ({}, {})
    for name in _names_read(endpoint):
        content.setdefault(name, "1")
    if content:
        yield Body(content=content, content_type=JSON, source="model", bindings=bindings)
        yield Body(content=content, content_type=FORM, source="model", bindings=bindings)


def _fields_of(model: type[Model]) -> tuple[dict[str, Any], dict[str, Bound]]:
    found: dict[str, Any] = {}
    bindings: dict[str, Bound] = {}
    for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(one, ForeignKey):
            bound = binding_of(one.remote_field.model)
            if bound is not None:
                bindings[bound.key] = bound
                found[one.name] = found[one.attname] = "{" + bound.key + "}"
        elif one.editable and one.column and not isinstance(one, AutoField | FileField):
            value = value_of(one, NEW_ROW)
            if value is LEAVE and isinstance(one, JSONField):
                value = {}  # what the code asks it for, it asks of an object
            if value is not LEAVE and value is not None:
                found[one.name] = value if isinstance(value, bool | int | float | str | list | dict) else str(value)
    return found, bindings


def _names_read(endpoint: Endpoint) -> list[str]:
    """Return the short texts in a view's code that look like names of what it reads from the body."""
    cls = class_of(endpoint.view)
    view = endpoint.view if cls is None else getattr(cls, endpoint.method.lower(), None)
    codes = [one.__code__ for one in reached_functions(view)] if view is not None else []
    return [
        constant
        for code in codes
        if {"POST", "body", "data"} & set(code.co_names)
        for constant in code.co_consts
        if isinstance(constant, str) and _NAME.match(constant)
    ]
