"""A request goes to the rows that it declares, on the target, or it is not sent."""

from typing import Any

import pytest

from reglab.load.operations import Effect, Kind, Load, Operation, Request
from reglab.load.writes.request_checks import complaints_of

BOOK = Kind(name="book", path="/books/{id}/?by={run}", marker="title", fields=("title",))
SHELF = Kind(name="shelf", path="/shelves/{id}/", marker="title")
LOAD = Load(kinds=(BOOK, SHELF), operations={})
RUN = "load0123456789"
UUID = "0b7e1f6a-2c54-4d0e-9a64-0a8a2f5f3c11"


def complaints(method: str, path: str, *, reads: bool = False, **more: Any) -> list[str]:
    return list(complaints_of(LOAD, Request(method=method, path=path, **more), run=RUN, reads=reads))


def removed(row: int | str) -> tuple[Effect, ...]:
    return (Effect(kind="book", change="delete", row=row),)


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/books/85/", {}),
        ("DELETE", "/books/7/", {"effects": removed(7)}),
        ("DELETE", f"/books/{UUID}/", {"effects": removed(UUID)}),
        ("POST", "/remove?book=7", {"effects": removed(7)}),
        ("POST", "/remove", {"effects": removed(7), "json": {"books": [{"id": 7}]}}),
        ("POST", "/remove", {"effects": removed(7), "form": {"book": "7"}}),
        ("POST", "/books/7/archive/", {"effects": (Effect(kind="book", change="change", row=7),)}),
        ("POST", "/books/bulk/", {"effects": (Effect(kind="book", change="create", key=RUN),)}),
        (
            "POST",
            "/shelves/3/books/",
            {"effects": (Effect(kind="book", change="create", key=RUN),), "rests_on": (("shelf", 3),)},
        ),
    ],
)
def test_a_request_to_its_own_rows_is_sent(method: str, path: str, more: dict[str, Any]) -> None:
    """The row stands in the path, in the query or in the body; a word in an id's place is an action; reads are free."""
    assert complaints(method, path, **more) == []


@pytest.mark.parametrize(
    ("path", "more", "words"),
    [
        ("/books/85/", {"effects": removed(7)}, "DELETE /books/85/ is to delete book 7, and names that row neither"),
        ("/books/85/", {"effects": removed(7)}, "DELETE /books/85/ goes to book 85, which is in none of its effects"),
        ("/books/85/?or=7", {"effects": removed(7)}, "goes to book 85"),
        (f"/books/{UUID}/", {"effects": removed(7)}, f"goes to book {UUID}"),
        ("/shelves/3/books/7/", {"effects": removed(7)}, "goes to shelf 3, which is in none of its effects"),
        ("/books/", {}, "has no effects, and a row that it made would be nobody's"),
    ],
)
def test_a_request_that_may_reach_another_row_is_not_sent(path: str, more: dict[str, Any], words: str) -> None:
    """The guard reads the row that is declared: what the path names has to be that row."""
    assert any(words in each for each in complaints("DELETE", path, **more))


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:9/x", "//evil.example/x", "/a b", "/b\u00fccher", "/x\r\nX: y", "x", ""]
)
def test_a_path_leads_to_the_target_alone(path: str) -> None:
    """Another host, a missing slash, a space, letters beyond ASCII and a line feed are refused."""
    assert "does not begin with one /" in complaints("GET", path)[0]


def test_a_post_that_reads_says_so() -> None:
    """As a query of GraphQL: its operation declares it."""
    assert complaints("POST", "/graphql") != []
    assert complaints("POST", "/graphql", reads=True) == []
    assert Operation(endpoint="POST /graphql", request=lambda *_: None, reads=True).reads
