"""Differences between two sides' answers that count."""

import pytest

from reglab.timing.answers import difference

Execution = list[tuple[int, str]]


def both(body: str, again: str | None = None, *, status: int = 200) -> list[Execution]:
    """One side: two executions of one request."""
    return [[(status, body)], [(status, body if again is None else again)]]


def test_equal_bytes_are_equal() -> None:
    """The same status and body on both sides is no difference."""
    assert difference(baseline=both('{"a": 1}'), candidate=both('{"a": 1}')) == ""


def test_the_first_different_value_is_named_with_its_place() -> None:
    """A reader is told where to look: the path into the body and both values."""
    said = difference(baseline=both('{"rows": [{"id": 1}]}'), candidate=both('{"rows": [{"id": 2}]}'))
    assert said == "rows.0.id is 1 of the baseline, 2 of the candidate"


def test_what_changes_within_one_side_is_not_compared() -> None:
    """A time of making differs from one execution to the next: it says nothing about the sides."""
    baseline = both('{"id": 1, "made": "10:00"}', '{"id": 1, "made": "10:01"}')
    candidate = both('{"id": 1, "made": "10:02"}', '{"id": 1, "made": "10:03"}')
    assert difference(baseline=baseline, candidate=candidate) == ""


def test_a_real_difference_beside_a_volatile_one_counts() -> None:
    """Volatile values hide themselves alone."""
    baseline = both('{"id": 1, "made": "10:00"}', '{"id": 1, "made": "10:01"}')
    candidate = both('{"id": 2, "made": "10:02"}', '{"id": 2, "made": "10:03"}')
    assert difference(baseline=baseline, candidate=candidate) == "id is 1 of the baseline, 2 of the candidate"


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ('{"a": 1, "b": 2}', "b is absent of the baseline, 2 of the candidate"),
        ("{}", "a is 1 of the baseline, absent of the candidate"),
        ('{"a": 1.0}', "a is 1 of the baseline, 1.0 of the candidate"),
        ('{"a": [1, 2]}', "a is 1 of the baseline, a list of 2 of the candidate"),
    ],
)
def test_fields_that_come_go_or_change_their_type_are_differences(candidate: str, said: str) -> None:
    """A field more, a field less and another type are all told."""
    assert difference(baseline=both('{"a": 1}'), candidate=both(candidate)) == said


def test_another_status_is_told_before_any_body() -> None:
    """Status comes first: the bodies of an error and of an answer are different anyway."""
    said = difference(baseline=both("{}"), candidate=both("[]", status=404))
    assert said == "status 200 of the baseline, 404 of the candidate"


def test_pages_are_compared_line_by_line() -> None:
    """In a body that is no JSON, a volatile line (a token) hides itself alone."""
    baseline = both("head\ntoken 1\ntail", "head\ntoken 2\ntail")
    assert difference(baseline=baseline, candidate=both("head\ntoken 3\ntail", "head\ntoken 4\ntail")) == ""
    said = difference(baseline=baseline, candidate=both("head\ntoken 3\nend", "head\ntoken 4\nend"))
    assert said == '2 is "tail" of the baseline, "end" of the candidate'


def test_the_request_of_a_sequence_is_named() -> None:
    """In a scenario of two requests, the one that differs is told."""
    one, two = (200, "1"), (200, "2")
    said = difference(baseline=[[one, one], [one, one]], candidate=[[one, two], [one, two]])
    assert said == "request 2: the body is 1 of the baseline, 2 of the candidate"
