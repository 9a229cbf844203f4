"""Lists in no order, words of bodies that are kept, and other methods than GET."""

from typing import Any

import pytest

from reglab.leaks.recording import lines
from reglab.limits.fields import Limits
from reglab.limits.odd_texts import odd_texts
from reglab.limits.unsent.fates import fates_beside
from reglab.limits.unsent.recording import unsent_lines
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Measurement
from tests.probe import listing_views
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


@pytest.fixture
def listing(ground: Grounds, settings: Any) -> Grounds:
    """The ground of one of the listing views."""
    settings.ROOT_URLCONF = "tests.probe.listing_views"
    listing_views.KEPT.clear()
    return ground


def _of(stand: AuditGround, metric: str) -> Measurement:
    return next(line for line in lines(stand) if isinstance(line, Measurement) and line.metric.name == metric)


def test_a_list_in_no_order_is_told_with_its_line(listing: Grounds) -> None:
    """Rows that lie otherwise are listed otherwise: the table, the statement and the line that reads it are named."""
    found = _of(listing("GET /in-no-order/"), "answers_unordered")
    assert found.values == (1,)
    assert "where the rows of orders_orderitem lie otherwise" in found.evidence[0].text
    assert found.evidence[0].source.endswith("in in_no_order")


@pytest.mark.parametrize("view", ["in-order", "sorted-here"])
def test_a_list_in_an_order_is_none(listing: Grounds, view: str) -> None:
    """Whether the database sorts, or the code."""
    assert _of(listing(f"GET /{view}/"), "answers_unordered").values == (0,)


@pytest.mark.parametrize(("view", "grows"), [("keeps-names", True), ("keeps-numbers", False)])
def test_what_is_kept_of_each_text_of_a_body_is_found(listing: Grounds, view: str, *, grows: bool) -> None:
    """A text inside the body is another one each time; what forgets the last one does not grow."""
    found = _of(listing(f"POST /{view}/", body='{ customer = { name = "Ann", age = 3 } }'), "entries_kept")
    assert bool(found.values[0]) is grows
    if grows:
        assert "listing_views.KEPT holds 5 more after" in found.evidence[0].text
        assert "requests with other words" in found.evidence[0].text


def test_what_is_kept_of_each_name_that_nobody_knows_is_found(listing: Grounds) -> None:
    """Whoever sends them makes them up: what is refused for its name is kept as well."""
    found = _of(listing("GET /keeps-fields/"), "entries_kept")
    assert "requests with fields that nobody knows" in found.evidence[0].text


def test_a_page_that_no_longer_answers_head_is_told(listing: Grounds) -> None:
    """Who looks whether it is there is answered as when that was accepted, or it is told."""
    stand = listing("GET /safe/")
    assert list(unsent_lines(stand, accept="As it is."))
    fates = fates_beside(stand.file.ledger_path).of("one")
    assert (fates["as HEAD"], fates["as OPTIONS"]) == ("200", "405")
    other = listing("GET /get-alone/")
    (found,) = [line for line in unsent_lines(other) if isinstance(line, Measurement) and line.values[0]]
    assert found.evidence[0].text == "GET as HEAD: 405, accepted: 200"


def test_letters_that_grow_are_sent_at_the_limit_of_their_field() -> None:
    """A text that is as long as it may be, and longer once it is brought to another form."""
    sent = [value for value, _ in odd_texts(Limits(path=("name",), kind="text", max_length=20), "Ann")]
    assert {"\ufb03" * 20, "\u00df" * 20} <= set(sent)
