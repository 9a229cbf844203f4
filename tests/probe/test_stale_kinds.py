"""Kinds of stale answers in the order of their harm."""

from reglab.leaks.recording import _harm


def test_what_somebody_else_was_shown_is_told_before_what_is_old() -> None:
    """A page that is kept for all of its users shows the rows of one to the next: that it is old, too, comes after."""
    kinds = ["after a row was saved", "after another user", "after a write", "after the same user in another language"]
    assert sorted(kinds, key=_harm)[:2] == ["after another user", "after the same user in another language"]
