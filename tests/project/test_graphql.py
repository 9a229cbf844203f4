"""A GraphQL endpoint is asked for its schema, and gets a query of what it gives without arguments."""

from collections.abc import Mapping
from typing import Any

from reglab.project.drafting.bodies.graphql import query_of

TEXT = {"kind": "SCALAR", "name": "String"}
NUMBER = {"kind": "NON_NULL", "name": None, "ofType": {"kind": "SCALAR", "name": "ID"}}


def rows_of(name: str) -> dict[str, Any]:
    return {"kind": "LIST", "name": None, "ofType": {"kind": "OBJECT", "name": name}}


def field(name: str, kind: Mapping[str, Any], *required: str) -> dict[str, Any]:
    arguments = [{"name": one, "type": {"kind": "NON_NULL"}, "defaultValue": None} for one in required]
    return {"name": name, "type": kind, "args": arguments}


TYPES = {
    "Query": [
        field("books", rows_of("Book")),
        field("book", {"kind": "OBJECT", "name": "Book"}, "isbn"),
        field("broken", rows_of("Book")),
        field("version", TEXT),
    ],
    "Book": [field("id", NUMBER), field("title", TEXT), field("writer", {"kind": "OBJECT", "name": "Writer"})],
    "Writer": [field("name", TEXT), field("books", rows_of("Book"))],
}


def answer(query: str) -> Mapping[str, Any]:
    """Answer as a server does whose field `broken` raises."""
    if "__schema" in query:
        return {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    if "__type" in query:
        return {"data": {"__type": {"fields": TYPES[query.split('"')[1]]}}}
    errors = [{"message": "not today", "path": ["broken", 0]}] if "broken" in query else []
    return {"data": {}, "errors": errors}


def test_lists_are_asked_with_what_their_rows_hold() -> None:
    """Two steps from the root, where an N+1 shows; what needs an argument, or fails, is left out."""
    assert query_of(answer) == "{ books { id title writer { name books { id title } } } version }"


def test_a_schema_that_says_nothing_gives_no_query() -> None:
    """Introspection may be switched off."""
    assert query_of(lambda _: {"errors": [{"message": "introspection is off"}]}) == ""
    assert query_of(lambda _: None) == ""
