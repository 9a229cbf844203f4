"""/admin/: usable for every model, and no way around the totals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]


@pytest.fixture
def staff() -> Client:
    """A client logged in as an administrator."""
    client = Client()
    client.force_login(User.objects.create_superuser("admin", "admin@rows.example", "password"))
    return client


def form(order: Order, *lines: dict[str, Any], initial: int) -> dict[str, Any]:
    """The fields of an order's form with its lines."""
    fields = {
        "customer": order.customer_id,
        "status": order.status,
        "items-TOTAL_FORMS": len(lines),
        "items-INITIAL_FORMS": initial,
    }
    for number, line in enumerate(lines):
        fields |= {f"items-{number}-{name}": value for name, value in {"order": order.pk, **line}.items()}
    return fields


@pytest.mark.parametrize("model", ["customer", "order", "orderitem"])
def test_every_list_and_form_opens(staff: Client, make_order: MakeOrder, model: str) -> None:
    """Each model has a list that can be searched, a form to add and a form to change."""
    order = make_order()
    key = {"customer": order.customer_id, "order": order.pk, "orderitem": order.items.get().pk}[model]
    for path in ("", "?q=1", "add/", f"{key}/change/"):
        assert staff.get(f"/admin/orders/{model}/{path}").status_code == 200


@pytest.mark.parametrize("model", ["customer", "order", "orderitem"])
def test_a_list_costs_the_same_however_long(
    staff: Client, make_order: MakeOrder, statements: Callable[[], Any], model: str
) -> None:
    """The lists have no N+1."""
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_order()
        with statements() as seen:
            assert staff.get(f"/admin/orders/{model}/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_lines_in_an_orders_form_keep_the_total(staff: Client, make_order: MakeOrder) -> None:
    """One line changed, one deleted and one added in a single form: the total is their sum."""
    order = make_order(lines=[(1, 100), (1, 30)])
    first, second = order.items.order_by("pk")
    fields = form(
        order,
        {"id": first.pk, "sku": "A", "quantity": 3, "unit_price_cents": 100},
        {"id": second.pk, "sku": "B", "quantity": 1, "unit_price_cents": 30, "DELETE": "on"},
        {"sku": "C", "quantity": 2, "unit_price_cents": 5},
        initial=2,
    )
    response = staff.post(f"/admin/orders/order/{order.pk}/change/", {**fields, "status": "paid"})
    assert response.status_code == 302, response.content
    order.refresh_from_db()
    assert (order.total_cents, order.status) == (310, "paid")


def test_a_new_order_with_lines_gets_its_total(staff: Client, make_order: MakeOrder) -> None:
    """An order added in the admin adds up too."""
    template = make_order()
    fields = form(template, {"sku": "A", "quantity": 2, "unit_price_cents": 5, "order": ""}, initial=0)
    assert staff.post("/admin/orders/order/add/", fields).status_code == 302
    assert Order.objects.latest("pk").total_cents == 10


def test_deleting_lines_in_the_list_keeps_the_totals(staff: Client, make_order: MakeOrder) -> None:
    """The action that deletes what is ticked is no way around the total."""
    order = make_order(lines=[(1, 100), (1, 30)])
    fields = {"action": "delete_selected", "_selected_action": [order.items.earliest("pk").pk], "post": "yes"}
    assert staff.post("/admin/orders/orderitem/", fields).status_code == 302
    order.refresh_from_db()
    assert order.total_cents == 30


def test_deleting_orders_in_the_list_deletes_their_lines(staff: Client, make_order: MakeOrder) -> None:
    """The action on orders takes their lines along."""
    order = make_order()
    fields = {"action": "delete_selected", "_selected_action": [order.pk], "post": "yes"}
    assert staff.post("/admin/orders/order/", fields).status_code == 302
    assert (Order.objects.count(), OrderItem.objects.count()) == (0, 0)


def test_a_customer_with_orders_is_not_deleted(staff: Client, make_order: MakeOrder) -> None:
    """The admin explains the protection instead of failing."""
    order = make_order()
    response = staff.post(f"/admin/orders/customer/{order.customer_id}/delete/", {"post": "yes"})
    assert response.status_code == 200
    assert b"protected" in response.content
    assert Customer.objects.exists()
