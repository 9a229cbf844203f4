"""Keys that a table of a file may have, found in the JSON schema of its model."""

from typing import Any

from pydantic import TypeAdapter

Schema = dict[str, Any]


def keys_at(adapter: TypeAdapter[Any], place: tuple[str | int, ...], data: Any) -> list[str]:
    """Return the keys of the table at `place`; `data` is the whole file, for tables that choose their own kind."""
    whole = adapter.json_schema()
    definitions: Schema = whole.get("$defs", {})
    schema = _resolved(whole, definitions, data)
    for part in place:
        data = _inside(data, part)
        schema = _resolved(_below(schema, part), definitions, data)
    return list(schema.get("properties", {}))


def _below(schema: Schema, part: str | int) -> Schema:
    if isinstance(part, int):
        return dict(schema.get("items", {}))
    others = schema.get("additionalProperties")
    return dict(schema.get("properties", {}).get(part) or (others if isinstance(others, dict) else {}))


def _resolved(schema: Schema, definitions: Schema, data: Any) -> Schema:
    """Follow references, and of several kinds take the one that the table names, or the first that is a table."""
    while True:
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
        elif "discriminator" in schema:
            choice = schema["discriminator"]
            kind = data.get(choice["propertyName"]) if isinstance(data, dict) else None
            reference = choice["mapping"].get(kind) or next(iter(choice["mapping"].values()))
            schema = {"$ref": reference}
        elif "anyOf" in schema:
            schema = next((each for each in schema["anyOf"] if each.get("type") != "null"), {})
        else:
            return schema


def _inside(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
