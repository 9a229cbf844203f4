"""Requests that no scenario sends: a check of a state, a field or a file that is gone is found, an equal one is not."""

from collections.abc import Iterator
from typing import Any

import pytest

from reglab.limits.unsent.fates import fates_beside
from reglab.limits.unsent.recording import unsent_lines
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Measurement, Remark, RemarkKind
from tests.probe import unsent_views
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres

CUSTOMER = '{ customer = { model = "orders.Customer" } }'
UPLOAD = '{ file = { filename = "a.png", base64 = "iVBORw0KGgo=" } }\ncontent_type = "multipart/form-data"'


@pytest.fixture(autouse=True)
def checks() -> Iterator[None]:
    """All checks are there, until a test takes one away."""
    unsent_views.CHECKED.update(unsent_views.ALL)
    yield
    unsent_views.CHECKED.clear()


@pytest.fixture
def change(ground: Grounds, settings: Any) -> AuditGround:
    """The ground of an endpoint that changes a row."""
    settings.ROOT_URLCONF = "tests.probe.unsent_views"
    return ground("PATCH /customers/{customer}/", body='{ name = "Bo", note = "x" }', bind=CUSTOMER)


def _changed(stands: AuditGround) -> dict[str, str]:
    found = (
        line for line in unsent_lines(stands) if isinstance(line, Measurement) and line.metric.name == "unsent_changed"
    )
    return {line.part: line.evidence[0].text for line in found if line.values[0]}


def test_a_state_that_nobody_checks_any_more_is_told_with_what_it_lets_write(change: AuditGround) -> None:
    """The scenario's own row is in no such state, and is answered as before."""
    assert list(unsent_lines(change, accept="As it is."))
    unsent_views.CHECKED.remove("state")
    found = _changed(change)
    told = found["customer: customers with is_active = False"]
    assert told.endswith("200 orders_customer update name, accepted: 409")


def test_the_same_code_comes_to_the_same(change: AuditGround) -> None:
    """Nothing is told of requests that come to what was accepted."""
    assert list(unsent_lines(change, accept="As it is."))
    assert not _changed(change)


def test_a_field_that_is_written_if_it_is_sent_is_told(change: AuditGround) -> None:
    """A client may now set what it could not."""
    assert list(unsent_lines(change, accept="As it is."))
    unsent_views.CHECKED.remove("other fields")
    told = _changed(change)["with is_active, too"]
    assert told.endswith("orders_customer update is_active, name, accepted: 200 orders_customer update name")


def test_a_field_that_need_not_be_sent_any_more_is_told(change: AuditGround) -> None:
    """What was refused without a field is taken without it."""
    assert list(unsent_lines(change, accept="As it is."))
    unsent_views.CHECKED.remove("required")
    assert _changed(change)["without name"].endswith("200, accepted: 400")


def test_a_day_of_another_zone_is_told(ground: Grounds, settings: Any) -> None:
    """At half past eleven in the evening at Greenwich it is tomorrow in Berlin."""
    settings.ROOT_URLCONF, settings.TIME_ZONE = "tests.probe.unsent_views", "Europe/Berlin"
    stands = ground("POST /dated/", body="{ a = 1 }")
    assert list(unsent_lines(stands, accept="As it is."))
    unsent_views.CHECKED.remove("day")
    found = _changed(stands)
    assert set(found) == {"at 23:30 UTC"}
    assert found["at 23:30 UTC"].endswith("with other values than accepted")


def test_a_file_of_any_name_is_told(ground: Grounds, settings: Any) -> None:
    """What was refused by its ending is taken."""
    settings.ROOT_URLCONF = "tests.probe.unsent_views"
    stands = ground("POST /upload/", body=UPLOAD)
    assert list(unsent_lines(stands, accept="As it is."))
    unsent_views.CHECKED.remove("ending")
    assert _changed(stands)["files named .exe"].endswith("200, accepted: 422")


def test_what_is_accepted_and_not_sent_is_said(change: AuditGround) -> None:
    """A field that is gone is asked for no more: its line of the file judges nothing, and a note says so."""
    accepted = fates_beside(change.file.ledger_path)
    accepted.accept({"one": {"as it is": "200", "colour alone": "400"}})
    said = [line.text for line in unsent_lines(change) if isinstance(line, Remark)]
    assert any(text.startswith("accepted, and not sent this time") and "colour alone" in text for text in said)


def test_nothing_accepted_is_said_and_nothing_judged(change: AuditGround) -> None:
    """What was never accepted can lose no check: a note says how to accept it."""
    said = [line for line in unsent_lines(change) if isinstance(line, Remark)]
    assert [line.kind for line in said] == [RemarkKind.NOTE]
    assert not fates_beside(change.file.ledger_path).fates


def test_a_scenario_that_does_another_thing_holds_the_others_by_their_status(change: AuditGround) -> None:
    """The audit of work tells what it does now; here a note says that the others are to be accepted anew."""
    assert list(unsent_lines(change, accept="As it is."))
    unsent_views.CHECKED.remove("state")
    unsent_views.CHECKED.add("in capitals")
    lines = list(unsent_lines(change))
    assert any("comes to something else" in line.text for line in lines if isinstance(line, Remark))
    told = {
        line.part
        for line in lines
        if isinstance(line, Measurement) and line.metric.name == "unsent_changed" and line.values[0]
    }
    assert told == {"customer: customers with is_active = False"}
