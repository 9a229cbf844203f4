"""Rows that are tried for a write that changed nothing, or was refused as a conflict: one of each state."""

import pytest

from reglab.project.drafting.other_rows import other_bindings
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
