"""Bodies made from the schema of an operation, as django-ninja and other routers describe theirs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import operations_of

_DEPTH_MAX: Final = 5
_BY_FORMAT: Final = {
    "email": "drafted@example.com",
    "uri": "https://example.com/drafted",
    "uuid": "6f2d9a54-0c1b-4f5e-9a43-6b1f0a6c2026",
    "date": DEFAULT_CLOCK.date().isoformat(),
    "date-time": DEFAULT_CLOCK.isoformat(),
    "time": "12:00:00",
}


def bodies_of_operation(endpoint: Endpoint) -> Iterator[Any]:
    """Yield a body for the operation that answers an endpoint's method."""
    for operation in operations_of(endpoint.view):
        if endpoint.method in getattr(operation, "methods", ()):
            for schema in _body_schemas(operation):
                yield example_of_schema(schema, schema.get("$defs", {}))


def _body_schemas(operation: Any) -> Iterator[dict[str, Any]]:
    """Yield the JSON schema of each model that an operation reads its body with."""
    for model in getattr(operation, "models", ()):
        source = getattr(model, "__ninja_param_source__", "")
        if source == "body" and hasattr(model, "model_json_schema"):
            schema = model.model_json_schema()
            if getattr(model, "__ninja_is_body_single__", False) or _is_single(operation):
                yield next(iter(_properties(schema).values()), schema) | {"$defs": schema.get("$defs", {})}
            yield schema


def _is_single(operation: Any) -> bool:
    return len([one for one in getattr(operation, "models", ()) if _source(one) == "body"]) == 1


def _source(model: Any) -> str:
    return str(getattr(model, "__ninja_param_source__", ""))


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    return dict(schema.get("properties", {}))


def example_of_schema(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int = 0) -> Any:
    """Return a value that a JSON schema takes, as far as kinds, formats and choices tell."""
    chosen = next((schema[key][0] for key in ("anyOf", "oneOf", "allOf") if schema.get(key)), None)
    if "$ref" in schema:
        chosen = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    if chosen is not None:
        return example_of_schema(chosen, definitions, depth + 1) if depth <= _DEPTH_MAX else None
    if schema.get("default") is not None:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        return _example_of_object(schema, definitions, depth)
    if schema.get("type") == "array":
        return [example_of_schema(schema.get("items", {}), definitions, depth + 1)] if depth <= _DEPTH_MAX else []
    plain: dict[Any, Any] = {"integer": int(schema.get("minimum", 1)), "number": 1.5, "boolean": True, "null": None}
    return plain.get(schema.get("type"), _BY_FORMAT.get(str(schema.get("format")), "drafted-1"))


def _example_of_object(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> dict[str, Any]:
    properties = _properties(schema)
    needed = schema.get("required", properties) if depth <= _DEPTH_MAX else ()
    return {
        name: example_of_schema(inner, definitions, depth + 1) for name, inner in properties.items() if name in needed
    }
