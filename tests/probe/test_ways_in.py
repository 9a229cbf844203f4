"""Ways in that no status shows: the head of what is refused, and a count of failures that is forgotten."""

from typing import Any

import pytest

from reglab.access import callers
from reglab.access.audit import access
from reglab.access.lapses import FAILURES_FORGOTTEN, HEAD_ANSWERED
from tests.probe.conftest import Grounds


@pytest.fixture(autouse=True)
def middleware_of_each_test() -> None:
    """Let each test set up its own middleware: an audit's process has one, and keeps its handlers."""
    callers._handler.cache_clear()


@pytest.mark.postgres
def test_a_head_is_refused_as_the_whole_is(ground: Grounds, settings: Any) -> None:
    """A rule for GET that forgets HEAD tells that a row is there, and how long its answer is."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    found = access(ground("GET /headless/", also=["GET /discreet/"])).lapses
    lapses = [each for each in found if each.id == HEAD_ANSWERED]
    assert {each.endpoint for each in lapses} == {"GET /headless/"}
    assert lapses[0].text.startswith("nobody: HEAD is answered 200 where GET is answered 401")
    assert lapses[0].places[0].endswith(" in headless")


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "told"), [("forgetful", ["a request that is served"]), ("unforgetful", [])])
def test_failed_calls_are_not_forgotten(ground: Grounds, settings: Any, path: str, told: list[str]) -> None:
    """Whoever holds one token, and guesses others, would begin the count again as often as it takes."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = [each.text for each in access(ground(f"GET /{path}/", status=401)).lapses if each.id == FAILURES_FORGOTTEN]
    assert len(lapses) == len(told)
    for text, words in zip(lapses, told, strict=True):
        assert f"an address that has failed 2 times may begin again after {words}" in text
