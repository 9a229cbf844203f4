"""/api/customers/: CRUD, the addresses' uniqueness, the protection of customers with orders, and their orders."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from service.orders.models import Customer, Order

pytestmark = pytest.mark.django_db
MakeCustomer = Callable[..., Customer]
MakeOrder = Callable[..., Order]
FIELDS = {"id", "name", "email", "is_active", "created_at"}


def test_a_customer_is_created(api: APIClient) -> None:
    """A POST answers 201 with the customer, active unless it says otherwise."""
    response = api.post("/api/customers/", {"name": "Ann", "email": "ann@rows.example"})
    assert response.status_code == 201
    assert response.json().keys() == FIELDS
    assert response.json()["is_active"] is True
    assert Customer.objects.get().email == "ann@rows.example"


def test_a_customer_is_read(api: APIClient, make_customer: MakeCustomer) -> None:
    """A GET answers with the customer of the id."""
    customer = make_customer(name="Ann")
    response = api.get(f"/api/customers/{customer.pk}/")
    assert (response.status_code, response.json()["name"]) == (200, "Ann")


def test_customers_are_listed_newest_first(api: APIClient, make_customer: MakeCustomer) -> None:
    """The list begins with the latest customer."""
    ids = [make_customer().pk for _ in range(3)]
    assert [row["id"] for row in api.get("/api/customers/").json()["results"]] == ids[::-1]


def test_a_customer_is_replaced(api: APIClient, make_customer: MakeCustomer) -> None:
    """A PUT writes what it names."""
    customer = make_customer()
    response = api.put(
        f"/api/customers/{customer.pk}/", {"name": "Bob", "email": "bob@rows.example", "is_active": False}
    )
    assert response.status_code == 200
    customer.refresh_from_db()
    assert (customer.name, customer.email, customer.is_active) == ("Bob", "bob@rows.example", False)


def test_a_put_without_a_name_is_refused(api: APIClient, make_customer: MakeCustomer) -> None:
    """A PUT names every required field."""
    response = api.put(f"/api/customers/{make_customer().pk}/", {"email": "bob@rows.example"})
    assert (response.status_code, list(response.json())) == (400, ["name"])


def test_a_customer_is_retired(api: APIClient, make_customer: MakeCustomer) -> None:
    """A PATCH writes one field and leaves the others."""
    customer = make_customer(name="Ann")
    assert api.patch(f"/api/customers/{customer.pk}/", {"is_active": False}).status_code == 200
    customer.refresh_from_db()
    assert (customer.name, customer.is_active) == ("Ann", False)


def test_an_empty_patch_writes_nothing(api: APIClient, make_customer: MakeCustomer, statements: Callable) -> None:  # type: ignore[type-arg]
    """A PATCH without a field is answered without an UPDATE."""
    customer = make_customer()
    with statements() as seen:
        assert api.patch(f"/api/customers/{customer.pk}/", {}).status_code == 200
    assert not [sql for sql in seen if sql.startswith("UPDATE")]


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_a_taken_address_is_a_conflict(api: APIClient, make_customer: MakeCustomer, method: str) -> None:
    """An address that another customer has is a 409 that names the field, and nothing is written."""
    make_customer(email="ann@rows.example")
    customer = make_customer(email="bob@rows.example")
    path = "/api/customers/" if method == "post" else f"/api/customers/{customer.pk}/"
    response = getattr(api, method)(path, {"name": "X", "email": "ann@rows.example"})
    assert (response.status_code, list(response.json())) == (409, ["email"])
    customer.refresh_from_db()
    assert customer.email == "bob@rows.example"


def test_a_customer_without_orders_is_deleted(api: APIClient, make_customer: MakeCustomer) -> None:
    """A DELETE answers 204 and the customer is gone."""
    customer = make_customer()
    assert api.delete(f"/api/customers/{customer.pk}/").status_code == 204
    assert not Customer.objects.exists()


def test_a_customer_with_orders_is_kept(api: APIClient, make_order: MakeOrder) -> None:
    """A DELETE answers 409 with the way out, also where the only order is archived."""
    order = make_order(is_archived=True)
    response = api.delete(f"/api/customers/{order.customer_id}/")
    assert response.status_code == 409
    assert "is_active" in response.json()["detail"]
    assert Customer.objects.exists()


def test_a_customers_orders_are_listed(api: APIClient, make_customer: MakeCustomer, make_order: MakeOrder) -> None:
    """The list holds this customer's unarchived orders alone, newest first, with lines."""
    customer = make_customer()
    orders = [make_order(customer=customer) for _ in range(3)]
    make_order()
    make_order(customer=customer, is_archived=True)
    body = api.get(f"/api/customers/{customer.pk}/orders/").json()
    assert [row["id"] for row in body["results"]] == [order.pk for order in reversed(orders)]
    assert body["count"] == 3
    assert body["results"][0]["customer_email"] == customer.email
    assert len(body["results"][0]["items"]) == 1
