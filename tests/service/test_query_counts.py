"""The exact number of queries of every endpoint, the same with 5 orders as with 50."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.schemas.generators import EndpointEnumerator
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem
from service.orders.seeding import SeedSize, seed

pytestmark = pytest.mark.django_db

LINE = {"sku": "X", "quantity": 1, "unit_price_cents": 1}
# Method, path, body, and the statements: what each one is for.
EXPECTED = [
    ("GET", "/api/customers/", None, ["count", "page"]),
    ("POST", "/api/customers/", {"name": "A", "email": "a@rows.example"}, ["insert"]),
    ("GET", "/api/customers/{customer}/", None, ["customer"]),
    ("PUT", "/api/customers/{customer}/", {"name": "A", "email": "a@rows.example"}, ["customer", "lock", "update"]),
    ("PATCH", "/api/customers/{customer}/", {"name": "A"}, ["customer", "lock", "update"]),
    ("DELETE", "/api/customers/{customer}/", None, ["customer", "any orders?"]),
    ("GET", "/api/customers/{customer}/orders/", None, ["customer", "count", "orders with customers", "lines"]),
    ("GET", "/api/orders/", None, ["count", "orders with customers", "lines"]),
    ("GET", "/api/orders/?status=paid&email=SEED", None, ["count", "orders with customers", "lines"]),
    (
        "POST",
        "/api/orders/",
        {"customer": "{customer}", "items": [LINE] * 9},
        ["customer", "insert order", "lock", "insert lines", "total", "read order with customer", "lines"],
    ),
    ("GET", "/api/orders/{order}/", None, ["order with customer", "lines"]),
    (
        "PUT",
        "/api/orders/{order}/",
        {"customer": "{customer}", "status": "paid"},
        ["order", "customer", "lock", "update", "read order with customer", "lines"],
    ),
    (
        "PATCH",
        "/api/orders/{order}/",
        {"status": "paid"},
        ["order", "lock", "update", "read order with customer", "lines"],
    ),
    ("DELETE", "/api/orders/{order}/", None, ["order", "lock", "delete lines", "delete order"]),
    ("POST", "/api/orders/{order}/cancel/", None, ["lock", "update"]),
    ("POST", "/api/orders/{order}/archive/", None, ["lock", "update"]),
    ("GET", "/api/orders/summary/", None, ["sums"]),
    ("GET", "/api/items/", None, ["count", "page"]),
    ("POST", "/api/items/", {"order": "{order}", **LINE}, ["order", "lock", "insert", "total"]),
    ("GET", "/api/items/{item}/", None, ["item"]),
    (
        "PUT",
        "/api/items/{item}/",
        {"order": "{order}", **LINE},
        ["item", "order", "place", "lock", "place again", "update", "total", "read back"],
    ),
    (
        "PATCH",
        "/api/items/{item}/",
        {"quantity": 2},
        ["item", "place", "lock", "place again", "update", "total", "read back"],
    ),
    ("DELETE", "/api/items/{item}/", None, ["item", "place", "lock", "place again", "delete", "total"]),
    ("GET", "/healthz/live", None, []),
    # The database is asked in a thread of its own, on a connection of its own.
    ("GET", "/healthz/ready", None, []),
    ("GET", "/api/schema/", None, []),
    ("GET", "/api/docs/", None, []),
]


@pytest.fixture(params=[5, 50], ids="{} orders".format)
def rows(request: pytest.FixtureRequest) -> dict[str, int]:
    """A table of so many orders with lines, and an id of each kind: a plain paid order and its customer."""
    seed(SeedSize(customers=request.param // 5, orders_per_customer=5, items_per_order=4))
    order = Order.objects.filter(is_archived=False, status="paid").earliest("pk")
    return {
        "customer": order.customer_id,
        "order": order.pk,
        "item": OrderItem.objects.filter(order=order).earliest("pk").pk,
    }


def filled(body: Any, rows: dict[str, int]) -> Any:
    """The body with its placeholders replaced by ids."""
    if not isinstance(body, dict):
        return body
    return {name: rows[value[1:-1]] if str(value).startswith("{") else value for name, value in body.items()}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"), EXPECTED, ids=[f"{row[0]} {row[1]}" for row in EXPECTED]
)
def test_the_number_of_queries_is_exact(
    *,
    api: APIClient,
    rows: dict[str, int],
    statements: Callable[[], Any],
    method: str,
    path: str,
    body: Any,
    expected: list[str],
) -> None:
    """An endpoint sends these statements and no more, however many rows there are."""
    content = "" if body is None else json.dumps(filled(body, rows))
    with statements() as seen:
        response = api.generic(method, path.format(**rows), content, content_type="application/json")
    assert response.status_code < 300 or (method, response.status_code) == ("DELETE", 409), response.content
    assert len(seen) == len(expected), "\n".join([f"expected {expected}, found:", *seen])


def test_a_full_page_costs_as_much_as_an_empty_one(api: APIClient, statements: Callable[[], Any]) -> None:
    """A page of 1 and a page of 100 send the same three statements."""
    seed(SeedSize(customers=30, orders_per_customer=5, items_per_order=2))
    for size in (1, 100):
        with statements() as seen:
            assert len(api.get("/api/orders/", {"page_size": size}).json()["results"]) == size
        assert len(seen) == 3


def test_every_other_endpoint_of_the_api_is_counted_here() -> None:
    """An endpoint without an expectation fails this test; the seed has its own."""

    def shape(path: str) -> str:
        return re.sub(r"[{<][^}>]*[}>]", "{}", path.partition("?")[0])

    expected = {(method, shape(path)) for method, path, *_ in EXPECTED}
    found = {(method, shape(path)) for path, method, _ in EndpointEnumerator().get_api_endpoints()}
    assert found - expected == {("POST", "/api/dev/seed/")}


def test_deleting_a_customer_without_orders_is_constant(
    api: APIClient, make_customer: Callable[..., Customer], statements: Callable[[], Any]
) -> None:
    """Look, any orders?, Django's own look, delete: four statements."""
    customer = make_customer()
    with statements() as seen:
        assert api.delete(f"/api/customers/{customer.pk}/").status_code == 204
    assert len(seen) == 4, seen
