"""A pattern selects scenarios by their name, their endpoint, or its path alone."""

from types import SimpleNamespace
from typing import Any

import pytest

from reglab.project.endpoints.coverage import selected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("list-*", ["list-books"]),
        ("GET *", ["list-books"]),
        ("/books/*", ["list-books", "change"]),
        ("/none/", []),
        ("change, list-*", ["list-books", "change"]),
        # One that is mistyped selects nothing: it is told, and the others are not run as if they were all.
        ("change,lost-*", []),
    ],
)
def test_a_pattern_is_of_a_name_an_endpoint_or_a_path(pattern: str, expected: list[str]) -> None:
    """A path is what a browser shows, and what waivers are written with."""
    scenarios: Any = [SimpleNamespace(name=name) for name in ("list-books", "change")]
    coverage: Any = SimpleNamespace(endpoint_by_scenario={"list-books": "GET /books/", "change": "PATCH /books/{pk}/"})
    assert [one.name for one in selected(scenarios, coverage, pattern)] == expected
