"""An address that fails to say who it is has to wait: after as many calls as accepted, with a token or without."""

from pathlib import Path
from typing import Any

import pytest

from reglab.access import callers
from reglab.access.audit import access
from tests.probe.conftest import Grounds
from tests.probe.matrices import access_of, broken_beside


@pytest.fixture(autouse=True)
def middleware_of_each_test() -> None:
    """Let each test set up its own middleware: an audit's process has one, and keeps its handlers."""
    callers._handler.cache_clear()


@pytest.mark.postgres
@pytest.mark.parametrize(("also", "answered"), [("impatient-elsewhere", 3), ("impatient-by-itself", 0)])
def test_calls_are_counted_over_all_urls(ground: Grounds, settings: Any, also: str, answered: int) -> None:
    """One count for all of them is a limit; where each URL counts by itself, an address goes on at the next."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    assert access(ground("GET /impatient/", status=401, also=[f"GET /{also}/"])).answered_calls == answered


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "answered"), [("impatient", 3), ("impatient-with-guesses", 0)])
def test_calls_without_a_token_are_counted_by_themselves(
    ground: Grounds, settings: Any, path: str, answered: int
) -> None:
    """Who counts only wrong tokens answers all others for ever."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    found = access(ground(f"GET /{path}/", status=401))
    assert (found.answered_calls, found.answered_calls_of_nobody) == (3, answered)


@pytest.mark.postgres
def test_a_suite_in_which_nothing_refuses_has_no_limit(ground: Grounds, settings: Any) -> None:
    """Nobody is refused any more, so that nobody has to wait: where a limit was accepted, that is no pass."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    assert access(ground("GET /taken/")).answered_calls == 0


def test_an_address_that_may_fail_more_often_is_told(tmp_path: Path) -> None:
    """More calls than accepted, or no limit any more, fail; fewer do not, nor does anything where none was accepted."""
    accepted, found = access_of(user="200"), access_of(user="200")
    accepted.answered_calls = 30
    for answered, told in ((0, "not by one count of its first 120 calls to all URLs"), (60, "after 60 calls")):
        found.answered_calls = answered
        (broken,) = broken_beside(tmp_path, accepted, found)
        assert (broken.metric.name, broken.part) == ("header_issues", "429")
        assert broken.evidence[0].text.endswith(f"is refused {told}; accepted: after 30 calls")
    # None: a part of the suite that has nothing to ask.
    for fewer in (5, 30, None):
        found.answered_calls = fewer
        assert not broken_beside(tmp_path, accepted, found)
    assert not broken_beside(tmp_path, access_of(user="200"), found)
    accepted.answered_calls_of_nobody, found.answered_calls_of_nobody = 30, 0
    (broken,) = broken_beside(tmp_path, accepted, found)
    assert broken.evidence[0].text.startswith("an address without a token is refused not")
