"""Rows that are tried for a write that changed nothing, or was refused as a conflict: one of each state."""

import pytest

from reglab.project.drafting.other_rows import other_bindings
from reglab.project.drafting.outcomes.outcome import Attempt
from reglab.project.drafting.probe import Seen, SeenWrite
from reglab.project.drafting.trier import in_wrong_state
from service.orders.models import Customer, Order

pytestmark = pytest.mark.django_db


def test_a_row_of_each_state_is_named() -> None:
    """Each choice and boolean that there is a row of, what the suite knows of the model, then further rows."""
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    for status in ("draft", "paid"):
        Order.objects.create(customer=customer, status=status)
    known = {"cancelled": {"model": "orders.Order", "filter": {"status": "cancelled"}}}
    found = [(name, other) for name, other, _ in other_bindings({"order": {"model": "orders.Order"}}, known)]
    assert found == [
        ("order", "cancelled"),
        ("order", "order_draft"),
        ("order", "order_paid"),
        ("order", "order_not_is_archived"),
        ("order", "order_2"),
        ("order", "order_3"),
        ("order", "order_4"),
    ]


FORM = "application/x-www-form-urlencoded"
FULL = {"rating": "5", "text": "good"}


def attempt(sent: dict[str, str], **seen: object) -> Attempt:
    page = Seen(content_type="text/html", **seen)  # type: ignore[arg-type]
    return Attempt(request="POST /stays/{stay}/review/", body=sent, content_type=FORM, source="form class", seen=page)


def test_a_full_form_that_is_not_found_asks_for_another_row() -> None:
    """Where the empty one only lacks its fields, the row is what is missing: a stay that is over, say."""
    full = attempt(FULL, status=404)
    assert in_wrong_state([full, attempt({}, status=200, form_errors="rating: This field is required.")]) is full


def test_of_forms_that_wrote_nothing_the_full_one_is_tried_on_other_rows() -> None:
    """An empty form writes nothing on any row; one that wrote needs no other row."""
    full = attempt(FULL, status=200, body=b'<ul class="errorlist"><li>Nothing is owed.</li></ul>')
    empty = attempt({}, status=200, form_errors="rating: This field is required.")
    assert in_wrong_state([full, empty]) is full
    written = attempt(FULL, status=302, writes=(SeenWrite(table="shop_review", verb="insert", rows=1),))
    assert in_wrong_state([empty, written]) is None
    assert in_wrong_state([]) is None
