"""Comparisons that are another one by a hair: what lies exactly there is asked for, and beside it nothing changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from reglab.config.suite import DEFAULT_CLOCK
from reglab.limits.unsent.recording import unsent_lines
from reglab.limits.unsent.stored_values import _numbers_beside, as_typed, days_beside
from reglab.project.audit_ground import AuditGround
from reglab.project.data.isolation import stopped_clock
from reglab.report.records import Measurement
from tests.probe import turning_views
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres

ORDER = '{ order = { model = "orders.Order" } }'
PAYING = {"body": "{ amount = 1 }", "bind": ORDER}
SIGNED = {"body": '{ a = 1 }\nheaders = { X-Signature = "right" }'}
USER = '{ user = { model = "auth.User" } }'


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """All comparisons are as they are meant, until a test changes one; the clock stands still, as in each audit."""
    turning_views.EXACT.update(turning_views.ALL)
    with stopped_clock(DEFAULT_CLOCK):
        yield
    turning_views.EXACT.clear()


@pytest.fixture
def at(ground: Grounds, settings: Any) -> Grounds:
    """Grounds of the comparing views, with a user who was seen at noon."""

    def stand(request: str, **named: Any) -> AuditGround:
        User.objects.create(username="ann", last_login=datetime(2026, 5, 4, 12, tzinfo=UTC))
        settings.ROOT_URLCONF = "tests.probe.turning_views"
        return ground(request, **named)

    return stand


def _changed(stands: AuditGround) -> set[str]:
    found = (
        line for line in unsent_lines(stands) if isinstance(line, Measurement) and line.metric.name == "unsent_changed"
    )
    return {line.part for line in found if line.values[0]}


@pytest.mark.parametrize(
    ("comparison", "request_", "named", "told"),
    [
        (
            "all of it",
            "POST /orders/{order}/",
            PAYING,
            "amount at orders_order.total_cents",
        ),
        ("404", "POST /orders/{order}/", PAYING, "order: not there"),
        ("at this very moment", "GET /users/{user}/", {"bind": USER}, "user: last_login = now"),
        ("on that day", "GET /users/?since=2026-01-01", {}, "?since at auth_user.last_login"),
        ("hidden", "GET /customers/", {}, "listed: customers with is_active = False"),
        (
            "signed",
            "POST /signed/",
            SIGNED,
            "with another X-Signature",
        ),
        ("half", "POST /halves/", {"body": "{ lines = [{ amount = 4 }] }"}, "lines.0.amount = 5"),
        ("a birthday", "POST /ages/", {"body": '{ born = "2000-01-01" }'}, "born = today 20 years ago"),
    ],
)
def test_what_lies_exactly_there_is_told_and_nothing_beside_it(
    at: Grounds, comparison: str, request_: str, named: dict[str, Any], told: str
) -> None:
    """The scenario's own value lies on one side of the comparison: with `<` for `<=` it is answered as before."""
    stands = at(request_, **named)
    assert list(unsent_lines(stands, accept="As it is."))
    assert not _changed(stands)
    turning_views.EXACT.remove(comparison)
    assert told in _changed(stands)
    assert all("just" not in one and " second" not in one and "before" not in one for one in _changed(stands))


def test_a_row_that_is_gone_and_ends_in_an_exception_is_told_at_once(at: Grounds) -> None:
    """Nothing has to be accepted for that: the client sent a key that is no row's, and the answer is a 500."""
    stands = at("POST /orders/{order}/", **PAYING)
    turning_views.EXACT.remove("404")
    failed = [
        line
        for line in unsent_lines(stands)
        if isinstance(line, Measurement) and line.metric.name == "inputs_failed" and line.values[0]
    ]
    assert [line.part for line in failed] == ["order: not there"]
    assert "AssertionError" in failed[0].evidence[0].text
    assert failed[0].evidence[0].source.startswith("tests/probe/turning_views.py")


def test_a_request_that_ends_the_process_is_told_at_once(at: Grounds) -> None:
    """A child that died has an answer to nothing: to accept its silence would be to accept the crash."""
    lines = unsent_lines(at("POST /ends/", body="{ amount = 4 }"))
    crashed = [one for one in lines if isinstance(one, Measurement) and one.metric.name == "inputs_crashed"]
    assert [(one.part, one.values) for one in crashed] == [("amount = 5", (1,))]


@pytest.mark.parametrize(
    ("own", "told"),
    [("Ann", [" Ann ", "aNN"]), ("2026-01-01", []), ("{customer}", []), ("12", [])],
)
def test_texts_are_sent_as_people_type_them(own: str, told: list[str]) -> None:
    """With blanks around them, and in the other case; days, numbers and keys of rows have no other way."""
    assert [text for _, text in as_typed(own)] == told


def test_the_last_day_that_there_is_has_none_after_it() -> None:
    """Many tables say so that something has no end; and a number that is none has no step beside it."""
    stored = {"a.until": date.max, "a.ended": datetime.max.replace(tzinfo=UTC), "a.rate": float("inf"), "a.count": 3}
    told = [words for words, _ in days_beside("2026-01-01", stored)]
    assert [one for one in told if "a.until" in one] == ["at a.until"]
    told = [words for words, _ in days_beside("2026-01-01T00:00:00Z", stored)]
    assert [one for one in told if "a.ended" in one] == ["at a.ended"]
    assert [words for words, _ in _numbers_beside(stored)] == ["at a.count", "just above a.count"]
