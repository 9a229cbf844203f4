"""/api/orders/summary/: whom it counts, in which order, and its limit."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from service.orders import limits
from service.orders.models import Customer, Order, OrderItem
from service.orders.seeding import SeedSize, seed

pytestmark = pytest.mark.django_db
MakeCustomer = Callable[..., Customer]
MakeOrder = Callable[..., Order]


def rows(api: APIClient, **query: Any) -> list[dict[str, Any]]:
    response = api.get("/api/orders/summary/", query)
    assert response.status_code == 200
    body = response.json()
    assert body["limit"] == int(query.get("limit", limits.SUMMARY_LIMIT))
    result: list[dict[str, Any]] = body["rows"]
    return result


def test_it_adds_up_paid_unarchived_orders(api: APIClient, make_customer: MakeCustomer, make_order: MakeOrder) -> None:
    """Drafts, shipped, cancelled and archived orders do not count."""
    customer = make_customer()
    for status in ("paid", "paid", "draft", "shipped", "cancelled"):
        make_order(customer=customer, status=status, lines=[(1, 70), (1, 30)])
    make_order(customer=customer, status="paid", is_archived=True)
    assert rows(api) == [{"customer_id": customer.pk, "email": customer.email, "order_count": 2, "total_cents": 200}]


def test_it_leaves_out_who_is_retired_or_has_paid_nothing(
    api: APIClient, make_customer: MakeCustomer, make_order: MakeOrder
) -> None:
    """An inactive customer does not appear, and neither does one without a paid order."""
    make_order(customer=make_customer(is_active=False), status="paid")
    make_order(status="draft")
    make_customer()
    assert rows(api) == []


def test_a_paid_order_of_nothing_counts(api: APIClient, make_order: MakeOrder) -> None:
    """A paid order with a total of 0 is an order: its customer appears with a 0."""
    make_order(status="paid", lines=[])
    assert [(row["order_count"], row["total_cents"]) for row in rows(api)] == [(1, 0)]


def test_it_is_ordered_by_total_then_id(api: APIClient, make_order: MakeOrder) -> None:
    """The largest total comes first; equal totals come in the order of the customers' ids."""
    orders = [make_order(status="paid", lines=[(1, cents)]) for cents in (5, 9, 5, 9, 7)]
    ids = [order.customer_id for order in orders]
    assert [row["customer_id"] for row in rows(api)] == [ids[1], ids[3], ids[4], ids[0], ids[2]]


def test_the_limit_cuts_after_ordering(api: APIClient, make_order: MakeOrder) -> None:
    """It is the top N of all, not the top of the latest N."""
    orders = [make_order(status="paid", lines=[(1, cents)]) for cents in (9, 8, 1, 2, 3)]
    assert [row["customer_id"] for row in rows(api, limit=2)] == [order.customer_id for order in orders[:2]]


def test_it_agrees_with_a_loop(api: APIClient) -> None:
    """On seeded data it says what a plain loop over customers and lines says."""
    seed(SeedSize(customers=40, orders_per_customer=4, items_per_order=2))
    expected = []
    for customer in Customer.objects.filter(is_active=True):
        orders = Order.objects.filter(customer=customer, status="paid", is_archived=False)
        lines = OrderItem.objects.filter(order__in=orders)
        cents = sum(line.quantity * line.unit_price_cents for line in lines)
        if orders:
            expected.append((-cents, customer.pk, len(orders)))
    expected.sort()
    assert len(expected) > 10
    assert [(-row["total_cents"], row["customer_id"], row["order_count"]) for row in rows(api, limit=500)] == expected


def test_the_largest_sums_do_not_overflow(api: APIClient, make_customer: MakeCustomer) -> None:
    """Many orders at their limit still add up."""
    customer = make_customer()
    Order.objects.bulk_create(
        Order(customer=customer, status="paid", total_cents=limits.MAX_TOTAL_CENTS) for _ in range(200)
    )
    assert rows(api)[0]["total_cents"] == 200 * limits.MAX_TOTAL_CENTS


@pytest.mark.parametrize("limit", [1, 500])
def test_the_bounds_of_the_limit_are_valid(api: APIClient, make_order: MakeOrder, limit: int) -> None:
    """1 and 500 are accepted and echoed."""
    make_order(status="paid")
    assert len(rows(api, limit=limit)) == 1


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=-1", "limit=abc", "limit=", "limit=1.5", f"limit={10**20}", "limit=%00"]
)
def test_a_limit_out_of_range_is_refused(api: APIClient, db: None, query: str) -> None:
    """What the seed's endpoint answered with a 500 is a 400 that names `limit`."""
    response = api.get(f"/api/orders/summary/?{query}")
    assert (response.status_code, list(response.json())) == (400, ["limit"])
