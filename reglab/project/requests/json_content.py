"""JSON of answers and bodies, which anybody may have written: what Python cannot walk through counts as no JSON."""

import json
from collections.abc import Callable
from typing import Any, Final

# Far beyond any document that is meant to be read, and far from the recursion limit of whoever walks through it.
DEPTH_MAX: Final = 200


def json_content(body: str | bytes) -> Any:
    """Return the value of a JSON text. Raises ValueError where it is none."""
    try:
        content = json.loads(body)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    level = [content]
    for _ in range(DEPTH_MAX):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return content
    raise ValueError(f"the JSON is nested more than {DEPTH_MAX} deep")


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with each text inside it changed; names of fields stay."""
    if isinstance(value, dict):
        return {name: with_texts(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [with_texts(one, change) for one in value]
    return change(value) if isinstance(value, str) else value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
