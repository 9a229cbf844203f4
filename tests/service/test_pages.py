"""Pages of every list."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from service.orders import limits
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
    empty: dict[str, object] = {"count": 0, "count_is_exact": True, "next": None, "previous": None, "results": []}
    assert api.get("/api/orders/").json() == empty
    assert api.get("/api/orders/?cursor=").json() == {"next": None, "previous": None, "results": []}


def test_cursors_lead_through_every_list_and_back(api: APIClient, lists: list[str]) -> None:
    """From an empty cursor, `next` leads through the same rows in the same order as numbered pages, `previous` back."""
    for path in lists:
        expected = [row["id"] for row in api.get(path, {"page_size": 100}).json()["results"]]
        first: dict[str, Any] = {"cursor": "", "page_size": 10}
        page = api.get(path, first).json()
        found = [row["id"] for row in page["results"]]
        while page["next"]:
            before, page = page, api.get(page["next"]).json()
            found += [row["id"] for row in page["results"]]
        assert found == expected
        assert api.get(page["previous"]).json()["results"] == before["results"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=x", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%C2%B2", "cursor"),
        ("cursor=cD1hYmM%3D", "cursor"),  # p=abc
        ("cursor=cD0tMQ%3D%3D", "cursor"),  # p=-1
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cursor"),  # p=999999999999999999999
        ("cursor=cD0yMDI2LTk5LTk5", "cursor"),  # p=2026-99-99
        ("cursor=&page=1", "page"),
        ("cursor=&cursor=", "cursor"),
    ],
)
def test_a_cursor_of_nowhere_is_refused(api: APIClient, lists: list[str], query: str, field: str) -> None:
    """What is no cursor of the list is a 400 that names it, and never a search in the database."""
    for path in lists:
        response = api.get(f"{path}?{query}")
        assert (response.status_code, list(response.json())) == (400, [field])


def test_the_count_stops_at_its_bound(
    api: APIClient, lists: list[str], monkeypatch: pytest.MonkeyPatch, statements: Callable[[], Any]
) -> None:
    """Beyond the bound the count says that there is more, and every numbered page is there as before, in 3 queries."""
    monkeypatch.setattr(limits, "MAX_COUNT", 7)
    orders = "/api/orders/"
    whole: dict[str, Any] = {"cursor": "", "page_size": 100}
    expected = [row["id"] for row in api.get(orders, whole).json()["results"]]
    found, url = [], f"{orders}?page_size=10"
    while url:
        with statements() as seen:
            page = api.get(url).json()
        assert (page["count"], page["count_is_exact"], len(seen)) == (7, False, 3)
        found += [row["id"] for row in page["results"]]
        url = page["next"]
    assert found == expected
    assert page["previous"].endswith("page=2&page_size=10")
    for number in (4, 2**63, 10**30):
        assert api.get(orders, {"page_size": 10, "page": number}).status_code == 404
    (count, *_) = seen
    assert "LIMIT 8" in count
