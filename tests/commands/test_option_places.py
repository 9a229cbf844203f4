"""Options that every command has, before and after the part of a command that has parts."""

import pytest

from reglab.cli import parser


@pytest.mark.parametrize("words", ["report --quiet list", "report list --quiet", "report show latest --quiet"])
def test_quiet_is_understood_on_both_sides_of_a_part(words: str) -> None:
    """People write options last: a part takes what its command takes."""
    assert parser().parse_args(words.split()).quiet is True


def test_a_part_undoes_nothing_that_stood_before_it() -> None:
    """What stands before a part holds where the part says nothing."""
    options = parser().parse_args(["report", "-v", "--quiet", "list"])
    assert (options.verbose, options.quiet) == (True, True)


def test_nothing_is_quiet_by_itself() -> None:
    """Without the words, neither is on."""
    options = parser().parse_args(["report", "list"])
    assert (options.verbose, options.quiet) == (False, False)
