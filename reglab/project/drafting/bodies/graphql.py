"""Query of a GraphQL endpoint: its lists and objects with what they hold, made from what its schema says of itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from reglab.project.drafting.view_models import class_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.json_content import json_content

# Sends a query, and returns the whole answer, or None where it was no JSON object.
Ask = Callable[[str], Mapping[str, Any] | None]
_ROOT: Final = "{ __schema { queryType { name } } }"
_REFERENCE: Final = "kind name ofType { kind name ofType { kind name ofType { kind name } } }"
_TYPE: Final = (
    '{ __type(name: "NAME") { fields { name args { type { kind } defaultValue } type { REFERENCE } } } }'.replace(
        "REFERENCE", _REFERENCE
    )
)
_ROOT_FIELDS_MAX: Final = 40
_LEAVES_MAX: Final = 12
_NESTED_MAX: Final = 6
# A list, what its rows hold, and what those hold: an N+1 is at the second or the third.
_DEPTH_MAX: Final = 2
# Relay's wrappers and a paginator's are no step away from the rows.
_WRAPPERS: Final = ("Connection", "Edge", "PageInfo", "Paginated", "OffsetPaginated", "Results")
_WRAPPED_DEPTH_MAX: Final = 6
_LEAF_KINDS: Final = frozenset({"SCALAR", "ENUM"})
_OBJECT_KINDS: Final = frozenset({"OBJECT", "INTERFACE"})
_REPAIRS_MAX: Final = 3


def is_graphql(endpoint: Endpoint) -> bool:
    """Tell whether an endpoint speaks GraphQL, by the name of its view or of its path."""
    view = class_of(endpoint.view) or endpoint.view
    names = (getattr(view, "__qualname__", ""), getattr(view, "__module__", ""), endpoint.path)
    return any("graphql" in str(name).lower() for name in names)


def query_of(ask: Ask) -> str:
    """Return a query of everything that the schema gives without arguments, or an empty text where it gives nothing.

    Fields that answer with an error are left out.
    """
    schema = _Schema(ask)
    left_out: set[str] = set()
    for _ in range(_REPAIRS_MAX):
        query = schema.query(without=left_out)
        if not query:
            return ""
        failed = set(_failed_fields(ask(query)))
        if not failed - left_out:
            return query
        left_out |= failed
    return schema.query(without=left_out)


def parsed_answer(body: bytes) -> Mapping[str, Any] | None:
    """Read a GraphQL answer."""
    try:
        found = json_content(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _failed_fields(answer: Mapping[str, Any] | None) -> Iterator[str]:
    for error in (answer or {}).get("errors") or ():
        path = error.get("path") if isinstance(error, dict) else None
        if path:
            yield str(path[0])


class _Schema:
    """What a schema says of its types, each asked for once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._fields: dict[str, list[Mapping[str, Any]]] = {}

    def query(self, *, without: Iterable[str]) -> str:
        """Return a query of the root's fields, or an empty text."""
        root = self._data(_ROOT, "__schema", "queryType").get("name", "")
        left_out = set(without)
        chosen: list[str] = []
        for field in self.fields(root) if root else ():
            if field["name"] not in left_out and len(chosen) < _ROOT_FIELDS_MAX:
                text = self._selection(field, depth=0, wrapped=0)
                if text:
                    chosen.append(text)
        return f"{{ {' '.join(chosen)} }}" if chosen else ""

    def fields(self, name: str) -> list[Mapping[str, Any]]:
        """Return the fields of a type that need no argument."""
        if name not in self._fields:
            found = self._data(_TYPE.replace("NAME", name), "__type").get("fields") or []
            self._fields[name] = [one for one in found if not any(map(_is_required, one.get("args") or ()))]
        return self._fields[name]

    def _selection(self, field: Mapping[str, Any], *, depth: int, wrapped: int) -> str:
        """Return a field with what is chosen of its type, or an empty text where nothing can be."""
        kind, name = _innermost(field["type"])
        if kind in _LEAF_KINDS:
            return str(field["name"])
        if kind == "UNION":
            return f"{field['name']} {{ __typename }}"
        if kind not in _OBJECT_KINDS or depth > _DEPTH_MAX or wrapped > _WRAPPED_DEPTH_MAX:
            return ""
        inner = depth if name.endswith(_WRAPPERS) else depth + 1
        leaves: list[str] = []
        nested: list[str] = []
        for one in self.fields(name):
            text = self._selection(one, depth=inner, wrapped=wrapped + 1)
            if text:
                (leaves if text == one["name"] else nested).append(text)
        chosen = [*leaves[:_LEAVES_MAX], *nested[:_NESTED_MAX]]
        return f"{field['name']} {{ {' '.join(chosen)} }}" if chosen else ""

    def _data(self, query: str, *path: str) -> Mapping[str, Any]:
        found: Any = (self._ask(query) or {}).get("data") or {}
        for key in path:
            found = (found or {}).get(key) or {}
        return found if isinstance(found, dict) else {}


def _is_required(argument: Mapping[str, Any]) -> bool:
    return argument["type"]["kind"] == "NON_NULL" and argument.get("defaultValue") is None


def _innermost(reference: Mapping[str, Any]) -> tuple[str, str]:
    while reference.get("ofType"):
        reference = reference["ofType"]
    return str(reference.get("kind", "")), str(reference.get("name", ""))
