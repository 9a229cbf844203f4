"""`?status=` and `?email=` on the list of orders."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from service.orders.models import Customer, Order

pytestmark = pytest.mark.django_db
EMAILS = ["Ann.Lee@rows.example", "bob_100%@rows.example", "bobx100y@rows.example"]


@pytest.fixture
def orders(make_customer: Callable[..., Customer], make_order: Callable[..., Order]) -> dict[tuple[str, str], int]:
    """A paid and a draft order for each address: their ids by address and status."""
    made = {}
    for email in EMAILS:
        customer = make_customer(email=email)
        for status in ("paid", "draft"):
            made[email, status] = make_order(customer=customer, status=status).pk
    return made


def found(api: APIClient, **query: Any) -> set[int]:
    response = api.get("/api/orders/", query)
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["count"] == len(body["results"])
    return {row["id"] for row in body["results"]}


def test_status_narrows_the_list(api: APIClient, orders: dict[tuple[str, str], int]) -> None:
    """`?status=` keeps the orders of that status and no other."""
    assert found(api, status="paid") == {orders[email, "paid"] for email in EMAILS}
    assert found(api, status="shipped") == set()


@pytest.mark.parametrize(
    ("email", "matches"),
    [
        pytest.param("ann.lee@rows.example", [0], id="the whole address in another case"),
        pytest.param("N.LE", [0], id="a part in upper case"),
        pytest.param("rows", [0, 1, 2], id="a part that all share"),
        pytest.param("100%", [1], id="a percent sign is a percent sign"),
        pytest.param("b_1", [1], id="an underscore is an underscore"),
        pytest.param("\\", [], id="a backslash is a backslash"),
        pytest.param("'", [], id="a quote is a quote"),
        pytest.param(" ", [], id="a blank is a blank"),
        pytest.param("nobody", [], id="nothing"),
    ],
)
def test_email_narrows_the_list(
    api: APIClient, orders: dict[tuple[str, str], int], email: str, matches: list[int]
) -> None:
    """`?email=` finds its text anywhere in the address, in any case, and takes it literally."""
    assert found(api, email=email) == {
        orders[EMAILS[place], status] for place in matches for status in ("paid", "draft")
    }


def test_both_filters_apply_together(api: APIClient, orders: dict[tuple[str, str], int]) -> None:
    """Both conditions must hold."""
    assert found(api, email="bob", status="draft") == {orders[email, "draft"] for email in EMAILS[1:]}


def test_filters_hide_archived_orders_too(api: APIClient, orders: dict[tuple[str, str], int]) -> None:
    """A filter narrows the list and never widens it."""
    Order.objects.filter(status="paid").update(is_archived=True)
    assert found(api, status="paid") == set()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=lost", "status"),
        ("status=PAID", "status"),
        ("status=", "status"),
        ("email=", "email"),
        ("email=%00", "email"),
        ("email=" + "a" * 255, "email"),
        ("status=paid&status=draft", "status"),
        ("colour=red", "colour"),
        ("customer__email=a", "customer__email"),
        ("format=json", "format"),
    ],
)
def test_a_bad_filter_is_refused(api: APIClient, db: None, query: str, field: str) -> None:
    """A filter that is wrong, empty, repeated or unknown is a 400 that names it: nothing is ignored."""
    response = api.get(f"/api/orders/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


ADDRESSES = [
    "bob@rows.example",
    "Jim.Bob@rows.example.org",
    "bob_1@rows.example",
    "bobx1@rows.example",
    '"bob@rows"@quoted.example',
    'b"ob@odd.example',
    "b\\ob%@rows.example",
]


@pytest.mark.parametrize(
    "part",
    [
        *ADDRESSES,
        "BOB@ROWS.EXAMPLE",
        "b@",
        "@rows",
        "@",
        "_1@rows",
        "%@rows",
        "\\ob%@",
        'ws"@quoted',
        "bob@rows",
        "bob@rows@",
        "o@b",
    ],
)
def test_a_part_with_an_at_finds_what_contains_it(part: str, make_customer: Callable[..., Customer]) -> None:
    """What narrows the search by the text before the @ leaves nothing out, and lets nothing in."""
    for address in ADDRESSES:
        make_customer(email=address)
    found = Customer.objects.filter(email__icontains=part).values_list("email", flat=True)
    assert sorted(found) == sorted(address for address in ADDRESSES if part.lower() in address.lower())
