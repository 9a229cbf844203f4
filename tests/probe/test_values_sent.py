"""A value that comes back is the one that was sent where a client would take it for the same."""

from datetime import UTC, datetime, timedelta

import pytest

from reglab.limits.sameness import is_same


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        ("1900-06-15T07:34:56.123456-05:00", "1900-06-15T12:34:56.123456+00:00"),
        ("2026-06-15T12:34:56Z", "2026-06-15T12:34:56+00:00"),
        (datetime(2026, 6, 15, 12, tzinfo=UTC), "2026-06-15T14:00:00+02:00"),
        (datetime(2026, 6, 15, 12, tzinfo=UTC), "2026-06-15T12:00:00"),
        (datetime(2026, 6, 15, 12), "2026-06-15T14:00:00+02:00"),  # noqa: DTZ001  # of a project without time zones
        (timedelta(minutes=5), "00:05:00"),
        ("00:00:05", 5),
        ("00:00:00", "0"),
        ("Drafted ", "drafted"),
        (1.0, "1"),
        ("0.0", "0"),
        ("-1.00", "-1"),
    ],
)
def test_the_same_value_in_other_words_is_no_other(found: object, sent: object) -> None:
    """A moment in another time zone, a text in another case, a number with a point."""
    assert is_same(found, sent)


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        ("1900-06-15T12:34:56-05:00", "1900-06-15T12:34:56+00:00"),
        ("1900-06-15T12:34:56", "1900-06-15T12:34:56+00:00"),
        ("2026-99-15T12:34:56Z", "2026-99-15T12:34:56+00:00"),
        (datetime(2026, 6, 15, 13, tzinfo=UTC), "2026-06-15T14:00:00+02:00"),
        (timedelta(minutes=6), "00:05:00"),
        ("draft", "drafted"),
        ("1.01", "1"),
        ("7", "007"),
    ],
)
def test_another_value_is_told(found: object, sent: object) -> None:
    """Another moment, a moment that has lost its zone, what is no moment at all, a text that was cut."""
    assert not is_same(found, sent)
