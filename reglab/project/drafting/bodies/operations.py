"""Bodies made from the schema of an operation, as django-ninja and other routers describe theirs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.db.models import CharField, TextField

from reglab.project.data.baking.examples import example_of
from reglab.project.drafting.bodies.entries import ENTRIES, several
from reglab.project.drafting.bodies.moments import ISO, date_for, moment_for, time_for
from reglab.project.drafting.bodies.serializers import NEW_ROW
from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.view_models import model_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import operations_of

_DEPTH_MAX: Final = 5
_BY_FORMAT: Final = {
    "email": "drafted@example.com",
    "uri": "https://example.com/drafted",
    "uuid": "6f2d9a54-0c1b-4f5e-9a43-6b1f0a6c2026",
}
_OF_TIME: Final[Mapping[str, Callable[[str], str]]] = {
    "date": date_for,
    "time": time_for,
    "date-time": lambda name: moment_for(name, form=ISO),
}


def bodies_of_operation(endpoint: Endpoint) -> Iterator[Any]:
    """Yield a body for the operation that answers an endpoint's method."""
    for operation in operations_of(endpoint.view):
        if endpoint.method in getattr(operation, "methods", ()):
            for schema in _body_schemas(operation):
                of_several = example_of_schema(schema, schema.get("$defs", {}), entries=ENTRIES)
                of_one = example_of_schema(schema, schema.get("$defs", {}))
                yield of_several
                if of_one != of_several:
                    yield of_one


def query_of_operation(endpoint: Endpoint) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the query that an operation needs, "?q={book_title}", with its bindings; empty where it needs none."""
    parts: list[str] = []
    bindings: dict[str, dict[str, Any]] = {}
    for operation in operations_of(endpoint.view):
        models = getattr(operation, "models", ()) if endpoint.method in getattr(operation, "methods", ()) else ()
        for schema in (one.model_json_schema() for one in models if _source(one) == "query"):
            for name, inner in parameters_of_schema(schema, schema.get("$defs", {}), is_needed=True):
                # What is searched for is to be found.
                bound = _text_of_row(endpoint) if _is_any_text(inner) else None
                if bound is not None:
                    bindings[bound.key] = dict(bound.binding or {})
                value = example_of_schema(inner, schema.get("$defs", {}), name=name)
                parts.append(f"{quote(name)}={{{bound.key}}}" if bound else urlencode({name: value}))
    return f"?{'&'.join(parts)}" if parts else "", bindings


def optional_parameters(endpoint: Endpoint) -> list[str]:
    """Return the names of the query parameters that an operation takes and can do without."""
    found: dict[str, None] = {}
    for operation in operations_of(endpoint.view):
        models = getattr(operation, "models", ()) if endpoint.method in getattr(operation, "methods", ()) else ()
        for schema in (one.model_json_schema() for one in models if _source(one) == "query"):
            needed = {name for name, _ in parameters_of_schema(schema, schema.get("$defs", {}), is_needed=True)}
            every = parameters_of_schema(schema, schema.get("$defs", {}), is_needed=False)
            found.update(dict.fromkeys(name for name, _ in every if name not in needed))
    return list(found)


def parameters_of_schema(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], *, is_needed: bool, depth: int = 0
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the parameters of a query with their schemas, those of an object in the place of the object itself.

    A router takes `query: Filters` as the fields of `Filters`. With `is_needed`, only those that have no default.
    """
    for name, given in _properties(schema).items() if depth <= _DEPTH_MAX else ():
        inner = definitions.get(str(given["$ref"]).rpartition("/")[2], {}) if "$ref" in given else given
        if "properties" in inner:
            yield from parameters_of_schema(inner, definitions, is_needed=is_needed, depth=depth + 1)
        elif not is_needed or name in schema.get("required", ()):
            yield name, inner


def _text_of_row(endpoint: Endpoint) -> Bound | None:
    model = model_of(endpoint)
    if model is None:
        return None
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    texts = (one.name for one in fields if isinstance(one, CharField | TextField) and not one.choices)
    name = next(texts, None)
    return binding_of(model, name) if name else None


def _is_any_text(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"pattern", "format", "enum", "default"} & set(schema)


def _body_schemas(operation: Any) -> Iterator[dict[str, Any]]:
    """Yield the JSON schema of each model that an operation reads its body with."""
    for model in getattr(operation, "models", ()):
        source = getattr(model, "__ninja_param_source__", "")
        if source == "body" and hasattr(model, "model_json_schema"):
            schema = model.model_json_schema()
            # Of a single parameter the body is the parameter itself; what does not say so is tried both ways.
            is_said = bool(getattr(model, "__read_from_single_attr__", None))
            if is_said or _is_single(operation):
                yield next(iter(_properties(schema).values()), schema) | {"$defs": schema.get("$defs", {})}
            if not is_said:
                yield schema


def _is_single(operation: Any) -> bool:
    return len([one for one in getattr(operation, "models", ()) if _source(one) == "body"]) == 1


def _source(model: Any) -> str:
    return str(getattr(model, "__ninja_param_source__", ""))


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    return dict(schema.get("properties", {}))


def example_of_schema(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0, *, entries: int = 1, name: str = ""
) -> Any:
    """Return a value that a JSON schema takes, as far as kinds, formats and choices tell; lists have `entries`.

    `name` is the property's: what ends does so after what begins.
    """
    chosen = next((schema[key][0] for key in ("anyOf", "oneOf", "allOf") if schema.get(key)), None)
    if "$ref" in schema:
        chosen = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    if chosen is not None:
        is_deep = depth > _DEPTH_MAX
        return None if is_deep else example_of_schema(chosen, definitions, depth + 1, entries=entries, name=name)
    if schema.get("default") is not None:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        return _example_of_object(schema, definitions, depth, entries=entries)
    if schema.get("type") == "array":
        return _example_of_array(schema, definitions, depth, entries=entries)
    plain: dict[Any, Any] = {"integer": int(schema.get("minimum", 1)), "number": 1.5, "boolean": True, "null": None}
    return plain.get(schema.get("type"), _example_of_text(schema, name))


def _example_of_text(schema: Mapping[str, Any], name: str) -> str:
    if of_time := _OF_TIME.get(str(schema.get("format"))):
        return of_time(name)
    pattern = str(schema.get("pattern", ""))
    text = _BY_FORMAT.get(str(schema.get("format"))) or "drafted-1".ljust(int(schema.get("minLength", 0)), "x")
    return (example_of(pattern, NEW_ROW) if pattern else None) or text[: int(schema.get("maxLength", len(text)))]


def _example_of_object(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int, *, entries: int
) -> dict[str, Any]:
    properties = _properties(schema)
    needed = schema.get("required", properties) if depth <= _DEPTH_MAX else ()
    return {
        name: example_of_schema(inner, definitions, depth + 1, entries=entries, name=name)
        for name, inner in properties.items()
        if name in needed
    }


def _example_of_array(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int, *, entries: int
) -> list[Any]:
    if depth > _DEPTH_MAX:
        return []
    one = example_of_schema(schema.get("items", {}), definitions, depth + 1, entries=entries)
    return several(lambda _: one, count=min(entries, schema.get("maxItems", entries)), left_out=None)
