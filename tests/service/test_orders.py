"""/api/orders/: CRUD, what the list hides and how it is ordered, cancel and archive."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]
Capture = Callable[[], Any]
FIELDS = {
    "id",
    "customer",
    "customer_email",
    "status",
    "total_cents",
    "is_archived",
    "created_at",
    "updated_at",
    "items",
}
LINE = {"sku": "A-1", "quantity": 2, "unit_price_cents": 250}


def column(order: Order, name: str) -> Any:
    return Order.objects.values_list(name, flat=True).get(pk=order.pk)


def test_an_order_is_created_empty(api: APIClient, make_customer: Callable[..., Customer]) -> None:
    """Without lines an order is a draft with a total of 0."""
    response = api.post("/api/orders/", {"customer": make_customer().pk})
    body = response.json()
    assert (response.status_code, body.keys()) == (201, FIELDS)
    assert (body["status"], body["total_cents"], body["items"], body["is_archived"]) == ("draft", 0, [], False)


def test_an_order_is_created_with_its_lines(api: APIClient, make_customer: Callable[..., Customer]) -> None:
    """Lines come along in one request, and the answer holds them with the total and the address."""
    customer = make_customer()
    response = api.post("/api/orders/", {"customer": customer.pk, "status": "paid", "items": [LINE, LINE]})
    body = response.json()
    assert (body["status"], body["total_cents"], body["customer_email"]) == ("paid", 1_000, customer.email)
    assert [{name: line[name] for name in LINE} for line in body["items"]] == [LINE, LINE]
    assert OrderItem.objects.filter(order=body["id"]).count() == 2


def test_a_bad_line_creates_nothing(api: APIClient, make_customer: Callable[..., Customer]) -> None:
    """A refusal names the line and the field, and leaves no order behind."""
    response = api.post("/api/orders/", {"customer": make_customer().pk, "items": [LINE, {**LINE, "quantity": 0}]})
    assert response.status_code == 400
    assert list(response.json()["items"]["1"]) == ["quantity"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("field", ["id", "total_cents", "created_at", "updated_at", "customer_email", "nonsense"])
def test_what_a_client_cannot_write_is_refused(api: APIClient, make_order: MakeOrder, field: str) -> None:
    """A body that names a computed or an unknown field is a 400 that names it."""
    response = api.patch(f"/api/orders/{make_order().pk}/", {field: 1})
    assert (response.status_code, list(response.json())) == (400, [field])


def test_an_order_is_read(api: APIClient, make_order: MakeOrder) -> None:
    """The detail holds lines, total and address, of archived orders too."""
    order = make_order(lines=[(2, 50), (1, 1)], is_archived=True)
    body = api.get(f"/api/orders/{order.pk}/").json()
    assert body.keys() == FIELDS
    assert (body["total_cents"], len(body["items"]), body["is_archived"]) == (101, 2, True)
    assert body["customer_email"] == order.customer.email


def test_the_list_hides_archived_orders(api: APIClient, make_order: MakeOrder) -> None:
    """An archived order is in no list."""
    shown = make_order()
    make_order(is_archived=True)
    body = api.get("/api/orders/").json()
    assert (body["count"], [row["id"] for row in body["results"]]) == (1, [shown.pk])


def test_the_list_is_newest_first_with_ties_by_id(api: APIClient, make_order: MakeOrder) -> None:
    """Orders of one instant have an order of their own, so that no page repeats or skips one."""
    ids = [make_order().pk for _ in range(5)]
    Order.objects.update(created_at=timezone.now())
    oldest = make_order()
    Order.objects.filter(pk=oldest.pk).update(created_at="2000-01-01T00:00:00Z")
    pages = [api.get("/api/orders/", {"page_size": 2, "page": page}).json() for page in (1, 2, 3)]
    assert [row["id"] for page in pages for row in page["results"]] == [*ids[::-1], oldest.pk]


def test_an_order_is_changed(api: APIClient, make_order: MakeOrder, make_customer: Callable[..., Customer]) -> None:
    """A PUT writes customer, status and archive flag, and leaves lines and total."""
    order, customer = make_order(), make_customer()
    response = api.put(f"/api/orders/{order.pk}/", {"customer": customer.pk, "status": "shipped", "is_archived": True})
    body = response.json()
    assert response.status_code == 200
    assert (body["customer"], body["customer_email"]) == (customer.pk, customer.email)
    assert (body["status"], body["is_archived"], body["total_cents"], len(body["items"])) == ("shipped", True, 100, 1)


def test_a_patch_writes_only_what_it_names(api: APIClient, make_order: MakeOrder) -> None:
    """A PATCH of the status leaves the customer, and a PATCH of nothing writes nothing."""
    order = make_order()
    assert api.patch(f"/api/orders/{order.pk}/", {"status": "paid"}).json()["customer"] == order.customer_id
    before = column(order, "updated_at")
    assert api.patch(f"/api/orders/{order.pk}/", {}).status_code == 200
    assert column(order, "updated_at") == before > order.updated_at


def test_lines_are_not_written_through_an_update(api: APIClient, make_order: MakeOrder) -> None:
    """Lines of an existing order are /api/items/' affair, and the refusal names the field."""
    response = api.patch(f"/api/orders/{make_order().pk}/", {"items": [LINE]})
    assert (response.status_code, list(response.json())) == (400, ["items"])


def test_an_order_is_deleted_with_its_lines(api: APIClient, make_order: MakeOrder) -> None:
    """A DELETE answers 204; the lines go, the customer stays."""
    order = make_order()
    assert api.delete(f"/api/orders/{order.pk}/").status_code == 204
    assert (Order.objects.count(), OrderItem.objects.count(), Customer.objects.count()) == (0, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of an order, and the column and value that it writes."""

    name: str
    field: str
    value: Any

    def path(self, order_id: int) -> str:
        """Return the action's path for an order."""
        return f"/api/orders/{order_id}/{self.name}/"


@pytest.mark.parametrize(
    "action",
    [
        Action(name="cancel", field="status", value="cancelled"),
        Action(name="archive", field="is_archived", value=True),
    ],
    ids=lambda action: action.name,
)
class TestActions:
    """`cancel` and `archive`."""

    def test_it_writes_the_order(self, api: APIClient, make_order: MakeOrder, action: Action) -> None:
        """The answer and the row say what was done."""
        order = make_order(status="paid")
        response = api.post(action.path(order.pk))
        assert (response.status_code, response.json()) == (200, {"id": order.pk, action.field: action.value})
        assert column(order, action.field) == action.value

    def test_it_writes_two_columns_of_one_row(
        self, api: APIClient, make_order: MakeOrder, statements: Capture, action: Action
    ) -> None:
        """One UPDATE of the state and its time on one order; customer, lines and other orders stay."""
        order, other = make_order(status="paid"), make_order(status="paid")
        with statements() as seen:
            api.post(action.path(order.pk))
        select, update = seen
        assert select.startswith("SELECT")
        assert update.startswith('UPDATE "orders_order" SET ')
        assert f'"{action.field}" = ' in update
        assert update.partition(" WHERE ")[0].count(" = ") == 2
        assert '"updated_at" = ' in update
        assert column(other, action.field) != action.value
        assert (Customer.objects.count(), OrderItem.objects.count()) == (2, 2)

    def test_repeating_it_writes_nothing(
        self, api: APIClient, make_order: MakeOrder, statements: Capture, action: Action
    ) -> None:
        """The second time answers the same and sends no UPDATE."""
        order = make_order(status="paid")
        first = api.post(action.path(order.pk)).json()
        with statements() as seen:
            assert api.post(action.path(order.pk)).json() == first
        assert [sql.split()[0] for sql in seen] == ["SELECT"]

    def test_it_takes_no_fields(self, api: APIClient, make_order: MakeOrder, action: Action) -> None:
        """A JSON body with fields or of another shape is a 400 and changes nothing; an empty one is fine."""
        order = make_order(status="paid")
        path = action.path(order.pk)
        assert list(api.post(path, {"reason": "x"}).json()) == ["reason"]
        assert list(api.post(path, [1]).json()) == ["non_field_errors"]
        assert column(order, action.field) != action.value
        assert api.post(path, {}).status_code == 200

    def test_an_unknown_order_is_not_found(self, api: APIClient, action: Action) -> None:
        """An id without an order is a 404 in JSON."""
        response = api.post(action.path(12345))
        assert (response.status_code, list(response.json())) == (404, ["detail"])


def test_archiving_cancels_nothing_and_cancelling_archives_nothing(api: APIClient, make_order: MakeOrder) -> None:
    """The two states are independent."""
    archived, cancelled = make_order(status="paid"), make_order(status="paid")
    api.post(f"/api/orders/{archived.pk}/archive/")
    api.post(f"/api/orders/{cancelled.pk}/cancel/")
    assert column(archived, "status") == "paid"
    assert column(cancelled, "is_archived") is False
