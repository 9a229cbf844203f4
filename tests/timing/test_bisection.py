"""The binary search among commits, some of which may be beyond judging."""

import pytest

from reglab.timing.bisect.bisection import Judgement, narrowed

COMMITS = tuple("abcdefgh")


def judged(first_bad: str, *, unknown: str = "") -> tuple[tuple[str, ...], list[str]]:
    """Narrow down, and give the commits that were asked for beside the suspects."""
    asked: list[str] = []

    def judge(commit: str) -> Judgement:
        asked.append(commit)
        if commit in unknown:
            return Judgement.UNKNOWN
        return Judgement.BAD if commit >= first_bad else Judgement.GOOD

    return narrowed(COMMITS, judge), asked


@pytest.mark.parametrize("first_bad", COMMITS)
def test_the_first_bad_commit_is_found_in_three_runs(first_bad: str) -> None:
    """Of eight commits, the last known to be bad, three runs find any one: 2^3 = 8."""
    suspects, asked = judged(first_bad)
    assert suspects == (first_bad,)
    assert len(asked) <= 3


def test_a_commit_that_cannot_be_judged_is_passed_over() -> None:
    """The middle one does not start: its neighbours decide, and the answer is still one commit."""
    assert judged("f", unknown="d")[0] == ("f",)


def test_commits_that_cannot_be_told_apart_stay_suspects() -> None:
    """Where the first bad commit hides among broken ones, all of them are named, oldest first."""
    assert judged("e", unknown="de")[0] == ("d", "e", "f")


def test_one_commit_needs_no_run() -> None:
    """A single commit that is bad is the first bad one."""
    assert narrowed(("a",), lambda _: pytest.fail("asked")) == ("a",)
