"""Pages of every list."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists(make_customer: Callable[..., Customer], make_order: Callable[..., Order]) -> list[str]:
    """The paths of the four lists, each of 25 rows."""
    customers = [make_customer() for _ in range(25)]
    for _ in range(25):
        make_order(customer=customers[0])
    return ["/api/customers/", "/api/orders/", "/api/items/", f"/api/customers/{customers[0].pk}/orders/"]


def test_a_page_has_twenty_rows_unless_asked(api: APIClient, lists: list[str]) -> None:
    """The default is 20, `?page_size=` changes it, and the links lead from page to page."""
    for path in lists:
        first = api.get(path).json()
        assert (first["count"], len(first["results"]), first["previous"]) == (25, 20, None)
        second = api.get(first["next"]).json()
        assert (len(second["results"]), second["next"]) == (5, None)
        assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
        assert len(api.get(path, {"page_size": 100}).json()["results"]) == 25


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("page=0", 400, "page"),
        ("page=-1", 400, "page"),
        ("page=last", 400, "page"),
        ("page=1.0", 400, "page"),
        ("page=%C2%B2", 400, "page"),
        ("page=%00", 400, "page"),
        ("page=", 400, "page"),
        ("page=1&page=2", 400, "page"),
        ("page=3", 404, "detail"),
        (f"page={2**63}", 404, "detail"),
        ("page=" + "9" * 5_000, 404, "detail"),
        ("page_size=0", 400, "page_size"),
        ("page_size=101", 400, "page_size"),
        ("page_size=many", 400, "page_size"),
        (f"page_size={2**63}", 400, "page_size"),
        ("limit=5", 400, "limit"),
    ],
)
def test_a_page_that_is_not_there_is_an_error(
    api: APIClient, lists: list[str], query: str, status: int, field: str
) -> None:
    """A bad number is a 400 that names the parameter; a page past the last is a 404."""
    for path in lists:
        response = api.get(f"{path}?{query}")
        assert (response.status_code, list(response.json())) == (status, [field])


def test_an_empty_list_is_a_page(api: APIClient, db: None) -> None:
    """Without rows, page 1 exists and is empty."""
    assert not OrderItem.objects.exists()
    assert api.get("/api/orders/").json() == {"count": 0, "next": None, "previous": None, "results": []}
