"""Ways in that no status shows: the head of what is refused, and a count of failures that is forgotten."""

from typing import Any

import pytest

from reglab.access import callers
from reglab.access.audit import access
from reglab.access.lapses.lapse import ADDRESS_FORGED, ASKED_AGAIN, FAILURES_FORGOTTEN, HEAD_ANSWERED
from service.orders.models import Customer, Order
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


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "headers"), [("believing", ["X-Forwarded-For"]), ("unforgetful", [])])
def test_no_header_makes_another_address(ground: Grounds, settings: Any, path: str, headers: list[str]) -> None:
    """Whoever names another address in each call never has to wait where the service believes it."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = [each.text for each in access(ground(f"GET /{path}/", status=401)).lapses if each.id == ADDRESS_FORGED]
    assert len(lapses) == len(headers)
    for text, header in zip(lapses, headers, strict=True):
        assert f"from the header {header}" in text


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "counts"), [("asks-again", ["2 times"]), ("asks-once", [])])
def test_a_database_that_is_down_is_asked_once(ground: Grounds, settings: Any, path: str, counts: list[str]) -> None:
    """Who asks again at once doubles the load of an outage; the line that does so is named."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = [each for each in access(ground(f"GET /{path}/")).lapses if each.id == ASKED_AGAIN]
    assert len(lapses) == len(counts)
    for lapse, count in zip(lapses, counts, strict=True):
        assert f"asked {count} by one request: SELECT COUNT(*)" in lapse.text
        assert lapse.places[0].endswith(" in asks_again")


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "updates"), [("noting-use", 1), ("noting-each-day", 0)])
def test_what_is_noted_of_a_caller_a_while_later_is_counted(
    ground: Grounds, settings: Any, path: str, updates: int
) -> None:
    """A note of the last use that is not written again at once is written by the next request but one."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    groups = access(ground(f"GET /{path}/")).statements["superuser"]["one"]
    assert sum(group.shape.verb == "UPDATE" for group in groups) == updates


@pytest.mark.django_db
def test_callers_of_a_model_of_users_have_names_of_their_own(admin_user: Any) -> None:
    """A project's own model of users is one of its models: who has all rights on it alone is not the plain user."""
    model = type(admin_user)
    found = callers.callers([model])
    names = [one.user.get_username() for one in found if one.name in {"user", f"only {model._meta.model_name}"}]
    assert len(names) == len(set(names)) == 2


@pytest.mark.django_db
def test_a_model_of_users_gets_what_it_asks_for() -> None:
    """A phone number that is unique and a required reference are no reason to try nobody."""
    needed = dict(callers._needed(Order, "user"))
    assert "customer" not in needed
    Customer.objects.create(name="Ann", email="ann@rows.example")
    needed = dict(callers._needed(Order, "user"))
    assert needed["customer"] == Customer.objects.get()
    assert dict(callers._needed(Customer, "user"))["email"] != dict(callers._needed(Customer, "staff"))["email"]
