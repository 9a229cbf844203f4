"""/api/items/: CRUD that keeps the totals of the orders concerned."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from service.orders import limits
from service.orders.models import Order, OrderItem

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]


def total(order: Order) -> int:
    return Order.objects.values_list("total_cents", flat=True).get(pk=order.pk)


def test_a_line_is_created(api: APIClient, make_order: MakeOrder) -> None:
    """A POST answers 201 with the line, and the order's total grows."""
    order = make_order()
    body = {"order": order.pk, "sku": "B.2_c-3", "quantity": 3, "unit_price_cents": 7}
    response = api.post("/api/items/", body)
    assert response.status_code == 201
    assert response.json() == {**body, "id": OrderItem.objects.latest("pk").pk}
    assert total(order) == 121


def test_lines_are_listed_newest_first(api: APIClient, make_order: MakeOrder) -> None:
    """The list begins with the latest line."""
    order = make_order(lines=[(1, 1), (1, 2), (1, 3)])
    ids = list(order.items.order_by("-pk").values_list("pk", flat=True))
    assert [row["id"] for row in api.get("/api/items/").json()["results"]] == ids


def test_a_line_is_read(api: APIClient, make_order: MakeOrder) -> None:
    """A GET answers with the line of the id."""
    item = make_order().items.get()
    assert api.get(f"/api/items/{item.pk}/").json() == {
        "id": item.pk,
        "order": item.order_id,
        "sku": "SKU-0",
        "quantity": 1,
        "unit_price_cents": 100,
    }


def test_a_changed_line_changes_the_total(api: APIClient, make_order: MakeOrder) -> None:
    """A PATCH of the quantity is in the total."""
    order = make_order(lines=[(1, 100), (1, 1)])
    item = order.items.get(unit_price_cents=100)
    assert api.patch(f"/api/items/{item.pk}/", {"quantity": 5}).status_code == 200
    assert total(order) == 501


def test_a_line_that_moves_changes_both_totals(api: APIClient, make_order: MakeOrder) -> None:
    """A PUT with another order takes from one total and gives to the other."""
    source, target = make_order(), make_order()
    body = {"order": target.pk, "sku": "X", "quantity": 2, "unit_price_cents": 10}
    assert api.put(f"/api/items/{source.items.get().pk}/", body).status_code == 200
    assert (total(source), total(target)) == (0, 120)


def test_an_empty_patch_changes_nothing(api: APIClient, make_order: MakeOrder) -> None:
    """A PATCH without a field leaves line, order and times alone."""
    order = make_order()
    assert api.patch(f"/api/items/{order.items.get().pk}/", {}).status_code == 200
    assert Order.objects.get().updated_at == order.updated_at


def test_a_deleted_line_leaves_the_total(api: APIClient, make_order: MakeOrder) -> None:
    """A DELETE answers 204 and the total shrinks."""
    order = make_order(lines=[(1, 100), (1, 1)])
    item = order.items.get(unit_price_cents=100)
    assert api.delete(f"/api/items/{item.pk}/").status_code == 204
    assert total(order) == 1


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_an_unknown_order_is_refused(api: APIClient, make_order: MakeOrder, method: str) -> None:
    """A line for an order that is not there is a 400 that names `order`."""
    path = "/api/items/" if method == "post" else f"/api/items/{make_order().items.get().pk}/"
    response = getattr(api, method)(path, {"order": 12345, "sku": "X", "quantity": 1, "unit_price_cents": 1})
    assert (response.status_code, list(response.json())) == (400, ["order"])


def test_a_total_beyond_its_limit_is_refused(api: APIClient, make_order: MakeOrder) -> None:
    """The line that would carry a total past its limit is a 400, and neither line nor total is written."""
    full = [(limits.MAX_QUANTITY, limits.MAX_UNIT_PRICE_CENTS)]
    order = make_order(lines=full * (limits.MAX_TOTAL_CENTS // (full[0][0] * full[0][1])))
    assert total(order) == limits.MAX_TOTAL_CENTS
    response = api.post("/api/items/", {"order": order.pk, "sku": "X", "quantity": 1, "unit_price_cents": 1})
    assert (response.status_code, list(response.json())) == (400, ["quantity"])
    assert (total(order), order.items.filter(sku="X").count()) == (limits.MAX_TOTAL_CENTS, 0)
