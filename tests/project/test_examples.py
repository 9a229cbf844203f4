"""Texts made from regular expressions are taken by them, and are the same in every process."""

import re

import pytest

from reglab.project.data.baking.examples import example_of

PATTERNS = [
    "[0-9]{4}",
    "[a-f0-9]{8}",
    "[-a-zA-Z0-9_]+",
    r"\d{3}-\d{2}",
    "(?:de|en)-[A-Z]{2}",
    r"[^/.]+",
    r"^[A-Z]{3}\d*$",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"(?=.{3,})\w+",
    "v(1|2)(\\.\\d+)?",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_example_is_taken_as_a_whole(pattern: str) -> None:
    """The pattern takes its own example."""
    text = example_of(pattern)
    assert text is not None
    assert re.search(pattern, text)


def test_examples_differ_by_number() -> None:
    """A unique field gets a text of its own for each row."""
    assert len({example_of("[a-f0-9]{8}", number) for number in range(50)}) == 50


def test_a_pattern_that_is_none_has_no_example() -> None:
    """What Python cannot compile is passed over."""
    assert example_of("[a-") is None
