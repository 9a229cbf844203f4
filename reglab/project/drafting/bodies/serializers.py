"""Bodies made from a serializer of Django REST Framework: fields that may be written, with values that they take."""

import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

from django.db import transaction
from django.test import RequestFactory

from reglab.project.data.baking.examples import example_of
from reglab.project.data.baking.people import user_model
from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of
from reglab.project.drafting.bodies.entries import ENTRIES, several
from reglab.project.drafting.bodies.files import sample_file
from reglab.project.drafting.bodies.moments import ISO, date_for, moment_for, time_for
from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.view_models import class_of, classes_named_in_code
from reglab.project.endpoints.discovery import Endpoint

LEFT_OUT: Final = object()
_DEPTH_MAX: Final = 4
_ROWS_MAX: Final = 100
# Whether only what is required is sent, whether every second relation is to another row, how many entries a list has.
# Where two rows together must be unique, the last takes another row for every second of them.
_VARIANTS: Final = ((False, False, ENTRIES), (False, False, 1), (True, False, 1), (False, True, 1))
# Beyond the rows that are baked, so that a value which must be unique is new.
NEW_ROW: Final = 7001


class SerializerBodies:
    """Bodies for one endpoint. `bindings` are those that the last body needs."""

    def __init__(self) -> None:
        self.bindings: dict[str, Bound] = {}
        self._is_alternating = False
        self._entries = 1
        self._entry = 0

    def bodies(self, endpoint: Endpoint) -> Iterator[Any]:
        """Yield a body with every field that may be written, one with the required ones alone, one with other rows.

        Lists have several entries first, then one; in the end the body itself is an entry of a list.
        """
        serializer = serializer_of(endpoint)
        if serializer is None:
            return
        told: list[Any] = []
        for is_required_only, self._is_alternating, self._entries in _VARIANTS:
            self.bindings = {}
            body = self._body(serializer, is_required_only=is_required_only, depth=0)
            if body is not LEFT_OUT and body not in told:
                told.append(body)
                yield body
        if told and isinstance(told[0], dict):
            # An action may read a list where its view set reads one: its code says so in a call.
            self._is_alternating, self._entries, self.bindings = False, 1, {}
            yield self._several(lambda: self._body(serializer, is_required_only=False, depth=0), count=ENTRIES)

    def _body(self, serializer: Any, *, is_required_only: bool, depth: int) -> Any:
        child = getattr(serializer, "child", None)
        if child is not None and not hasattr(serializer, "fields"):
            return self._several(lambda: self._value(child, is_required_only=is_required_only, depth=depth + 1))
        found = {}
        for name, field in serializer.fields.items():
            if field.read_only or type(field).__name__ == "HiddenField" or (is_required_only and not field.required):
                continue
            value = self._value(field, is_required_only=is_required_only, depth=depth + 1)
            if value is not LEFT_OUT:
                found[name] = value
        return found

    def _value(self, field: Any, *, is_required_only: bool, depth: int) -> Any:
        from rest_framework import relations, serializers

        if isinstance(field, serializers.BaseSerializer):
            return self._body(field, is_required_only=True, depth=depth) if depth < _DEPTH_MAX else LEFT_OUT
        if isinstance(field, relations.ManyRelatedField):
            return self._several(lambda: self._related(field.child_relation))
        if isinstance(field, relations.RelatedField):
            return self._related(field)
        if isinstance(field, serializers.ListField):
            return self._several(
                lambda: (
                    self._value(field.child, is_required_only=is_required_only, depth=depth)
                    if field.child
                    else "drafted-1"
                )
            )
        return plain_value(field)

    def _several(self, make: Callable[[], Any], *, count: int | None = None) -> list[Any]:
        """Make entries of a list, each with rows of its own where there are as many."""

        def one(number: int) -> Any:
            outer, self._entry = self._entry, number
            try:
                return make()
            finally:
                self._entry = outer

        return several(one, count=count or self._entries, left_out=LEFT_OUT)

    def _related(self, field: Any) -> Any:
        from rest_framework import relations

        queryset = field.get_queryset()
        if queryset is None:
            return LEFT_OUT
        name = field.slug_field if isinstance(field, relations.SlugRelatedField) else "pk"
        if isinstance(field, relations.HyperlinkedRelatedField):
            row = queryset.first()
            return LEFT_OUT if row is None else field.get_url(row, str(field.view_name), _request(), None)
        index = len(self.bindings) % 2 if self._is_alternating else self._entry
        index = place_in(queryset, index)
        bound = binding_of(queryset.model, name, index=index) or binding_of(queryset.model, name)
        if bound is None:
            return LEFT_OUT
        self.bindings[bound.key] = bound
        return "{" + bound.key + "}"


def place_in(queryset: Any, wanted: int) -> int:
    """Return the place, among its model's rows, of the row that has the wanted place among those of a queryset.

    A field may take rows in some state alone; the first of those where there are fewer.
    """
    try:
        with transaction.atomic(using=queryset.db):
            taken = set(queryset.values_list("pk", flat=True)[:_ROWS_MAX])
            rows = queryset.model._default_manager.order_by("pk").values_list("pk", flat=True)  # noqa: SLF001
            places = [place for place, key in enumerate(rows[:_ROWS_MAX]) if key in taken]
    except Exception:  # noqa: BLE001  # a manager is the project's code
        return wanted
    return places[wanted] if wanted < len(places) else next(iter(places), wanted)


def plain_value(field: Any) -> Any:
    """Return a value for a field of a serializer that is neither a relation nor a serializer itself."""
    from rest_framework import serializers

    if choices := getattr(field, "choices", None):
        first = next((key for key in choices if key not in ("", None)), LEFT_OUT)
        return [first] if isinstance(field, serializers.MultipleChoiceField) else first
    name = field.field_name or ""
    makers: tuple[tuple[Any, Any], ...] = (
        (serializers.BooleanField, True),
        (serializers.EmailField, "drafted@example.com"),
        (serializers.URLField, "https://example.com/drafted"),
        (serializers.SlugField, "drafted-1"),
        (serializers.UUIDField, "6f2d9a54-0c1b-4f5e-9a43-6b1f0a6c2026"),
        (serializers.IPAddressField, "192.0.2.1"),
        (serializers.DateTimeField, moment_for(name, form=ISO)),
        (serializers.DateField, date_for(name)),
        (serializers.TimeField, time_for(name)),
        (serializers.DurationField, str(timedelta(minutes=5))),
        (serializers.FileField, sample_file(name or "file") if field.required else LEFT_OUT),
        (serializers.JSONField, {}),
        (serializers.DictField, {}),
    )
    for kind, value in makers:
        if isinstance(field, kind):
            return value
    return _made(field)


def _made(field: Any) -> Any:
    """Return a value that the field's own limits shape."""
    from rest_framework import serializers

    if isinstance(field, serializers.ModelField):
        return _of_model_field(field.model_field)
    if isinstance(field, serializers.IntegerField | serializers.FloatField | serializers.DecimalField):
        return _number(field)
    if isinstance(field, serializers.RegexField):
        pattern = next((one.regex.pattern for one in field.validators if hasattr(one, "regex")), "")
        return example_of(pattern, NEW_ROW) or "drafted"
    if isinstance(field, serializers.CharField):
        return _text(field)
    return LEFT_OUT


def _of_model_field(field: Any) -> Any:
    """Return the text of a value for a field of a model that REST framework has no field for: a range, for example."""
    value = value_of(field, NEW_ROW)
    return LEFT_OUT if value is LEAVE else field.value_to_string(SimpleNamespace(**{field.attname: value}))


def _number(field: Any) -> Any:
    low, high = field.min_value, field.max_value
    value = 1 if low is None or low <= 1 else low
    if 0 < (getattr(field, "max_digits", None) or 0) <= (getattr(field, "decimal_places", None) or 0):
        # Nothing stands before the point.
        return "0.1"
    if high is not None and value > high:
        value = high
    return str(value) if type(field).__name__ == "DecimalField" else value


def _text(field: Any) -> str:
    text = "drafted-1".ljust(field.min_length or 0, "x")[: field.max_length or 100]
    for validator in field.validators:
        pattern = getattr(getattr(validator, "regex", None), "pattern", None)
        if pattern and not validator.regex.search(text):
            text = example_of(pattern, NEW_ROW) or text
    return text


def serializer_of(endpoint: Endpoint) -> Any:
    """Return the serializer that a view would read a body with, or None where it has none."""
    cls = class_of(endpoint.view)
    serializer_class = next(classes_named_in_code(endpoint, _is_serializer), None)
    # A view set's serializer is about its rows: what a further action reads is named by the action's own code.
    if serializer_class is None or not _is_further_action(endpoint):
        if hasattr(cls, "get_serializer_class"):
            try:
                return _of_view(endpoint, cls).get_serializer()
            except Exception:  # noqa: BLE001, S110  # a view's own choice may need what only a real request has
                pass
        serializer_class = getattr(cls, "serializer_class", None) or serializer_class
    try:
        return serializer_class() if inspect.isclass(serializer_class) else None
    except Exception:  # noqa: BLE001  # a serializer may need its view's context
        return None


def _is_serializer(found: Any) -> bool:
    # A project without REST framework has none.
    loaded = sys.modules.get("rest_framework.serializers")
    if loaded is None or not inspect.isclass(found):
        return False
    return issubclass(found, loaded.BaseSerializer) and not found.__module__.startswith("rest_framework.")


def _is_further_action(endpoint: Endpoint) -> bool:
    """Tell whether a view set answers with an action of its own, beside those that every view set has."""
    action = (getattr(endpoint.view, "actions", None) or {}).get(endpoint.method.lower(), "create")
    return action not in {"create", "update", "partial_update", "destroy"}


def _of_view(endpoint: Endpoint, cls: Any) -> Any:
    view = cls(**(getattr(endpoint.view, "initkwargs", None) or {}))
    # Before the request: a view set chooses its action by it.
    view.action_map = getattr(endpoint.view, "actions", None) or {}
    view.request = view.initialize_request(_request(endpoint.method, endpoint.path))
    view.action = view.action_map.get(endpoint.method.lower())
    view.args, view.kwargs, view.format_kwarg = (), {}, None
    users = user_model()
    if users is not None and (user := users._default_manager.order_by("pk").first()) is not None:  # noqa: SLF001
        view.request.user = user
    return view


def _request(method: str = "GET", path: str = "/") -> Any:
    return RequestFactory().generic(method, path)
