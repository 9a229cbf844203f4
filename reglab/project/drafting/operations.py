"""Bodies made from the schema of an operation, as django-ninja and other routers describe theirs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.endpoints.discovery import Endpoint

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
    """Yield a body for the operation that answers an endpoint's method; a GraphQL view is asked what it is."""
    for operation in getattr(getattr(endpoint.view, "__self__", None), "operations", None) or ():
        if endpoint.method in getattr(operation, "methods", ()):
            for schema in _body_schemas(operation):
                yield example_of_schema(schema, schema.get("$defs", {}))
    cls = getattr(endpoint.view, "view_class", None)
    if cls is not None and "GraphQL" in cls.__name__:
        yield {"query": "{ __typename }"}


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
    if "$ref" in schema:
        return example_of_schema(definitions.get(str(schema["$ref"]).rpartition("/")[2], {}), definitions, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return example_of_schema(schema[key][0], definitions, depth + 1)
    if "default" in schema and schema["default"] is not None:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        if depth > _DEPTH_MAX:
            return {}
        return {
            name: example_of_schema(inner, definitions, depth + 1)
            for name, inner in _properties(schema).items()
            if name in schema.get("required", _properties(schema))
        }
    if kind == "array":
        return [example_of_schema(schema.get("items", {}), definitions, depth + 1)] if depth <= _DEPTH_MAX else []
    plain: dict[Any, Any] = {"integer": int(schema.get("minimum", 1)), "number": 1.5, "boolean": True, "null": None}
    return plain.get(kind, _BY_FORMAT.get(str(schema.get("format")), "drafted-1"))
