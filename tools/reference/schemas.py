"""Tables of a JSON schema: a row a key, with its type, its default and what it means."""

import json
from collections.abc import Iterator
from typing import Any


def tables(schema: str) -> Iterator[str]:
    """Yield the lines of a table for the file itself, then of one for each table within it."""
    content: dict[str, Any] = json.loads(schema)
    shapes = content.get("$defs", {})
    yield from _table(content, shapes)
    for name, shape in shapes.items():
        if "properties" in shape:
            yield f"### {name}\n"
            if "description" in shape:
                yield f"{' '.join(shape['description'].split())}\n"
            yield from _table(shape, shapes)


def _table(shape: dict[str, Any], shapes: dict[str, Any]) -> Iterator[str]:
    if not shape.get("properties"):
        return
    required = shape.get("required", ())
    yield from ("| key | value | default |", "|---|---|---|")
    for key, value in shape["properties"].items():
        default = "required" if key in required else _text(value.get("default"))
        described = " ".join(value.get("description", "").split())
        said = f"{_kind(value, shapes)}{': ' if described else ''}{described}".replace("|", "\\|")
        yield f"| `{key}` | {said} | {default} |"
    yield ""


def _text(value: Any) -> str:
    return "" if value in (None, "", [], {}) else f"`{json.dumps(value, ensure_ascii=False)}`".replace("|", "\\|")


def _kind(value: dict[str, Any], shapes: dict[str, Any]) -> str:
    """Return what a value may be, in words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"a table, {name}" if "properties" in shapes.get(name, {}) else _kind(shapes.get(name, {}), shapes)
    if "anyOf" in value or "oneOf" in value:
        kinds = [_kind(one, shapes) for one in value.get("anyOf", value.get("oneOf", ())) if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in value or "const" in value:
        return " or ".join(f"`{one}`" for one in value.get("enum", [value.get("const")]))
    if value.get("type") == "array":
        return f"a list of {_kind(value.get('items', {}), shapes)}"
    return {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "object": "a table",
    }.get(str(value.get("type")), "any value")
