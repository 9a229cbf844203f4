"""Events that only a race brings about: an object that vanishes between the look and the write."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.exceptions import NotFound, ValidationError

from service.orders import services
from service.orders.exceptions import Conflict
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]


def test_a_line_for_an_order_deleted_meanwhile_names_the_order(make_order: MakeOrder) -> None:
    """The order was there when the request was checked and is gone when the line is written: a 400."""
    order = make_order()
    Order.objects.filter(pk=order.pk).delete()
    with pytest.raises(ValidationError) as caught:
        services.create_item(order=order, sku="X", quantity=1, unit_price_cents=1)
    assert list(caught.value.detail) == ["order"]


def test_a_line_deleted_meanwhile_is_not_found(make_order: MakeOrder) -> None:
    """The line was there when the request was checked and is gone when it is written: a 404."""
    item = make_order().items.get()
    OrderItem.objects.filter(pk=item.pk).delete()
    with pytest.raises(NotFound):
        services.update_item(item, changes={"quantity": 2})


def test_a_line_that_breaks_another_rule_is_not_explained_away(make_order: MakeOrder) -> None:
    """Only the total's limit becomes a 400; any other broken constraint is a defect and stays one."""
    with pytest.raises(IntegrityError), transaction.atomic():
        services.create_item(order=make_order(), sku="X", quantity=0, unit_price_cents=1)


def test_an_order_deleted_meanwhile_is_not_found(make_order: MakeOrder) -> None:
    """An update of an order that is gone is a 404."""
    order = make_order()
    Order.objects.filter(pk=order.pk).delete()
    with pytest.raises(NotFound):
        services.update_order(order.pk, changes={"status": "paid"})


@pytest.mark.django_db(transaction=True)
def test_a_new_order_for_a_customer_deleted_meanwhile_names_the_customer(
    make_customer: Callable[..., Customer],
) -> None:
    """The foreign key says so at the end of the transaction: a 400."""
    customer = make_customer()
    Customer.objects.filter(pk=customer.pk).delete()
    with pytest.raises(ValidationError) as caught:
        services.create_order(customer=customer, changes={}, lines=[])
    assert list(caught.value.detail) == ["customer"]


@pytest.mark.django_db(transaction=True)
def test_an_order_moved_to_a_customer_deleted_meanwhile_names_the_customer(
    make_order: MakeOrder, make_customer: Callable[..., Customer]
) -> None:
    """The same for an order that changes hands."""
    order, customer = make_order(), make_customer()
    Customer.objects.filter(pk=customer.pk).delete()
    with pytest.raises(ValidationError) as caught:
        services.update_order(order.pk, changes={"customer": customer})
    assert list(caught.value.detail) == ["customer"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_order_made_while_its_customer_is_deleted_is_a_conflict(make_customer: Callable[..., Customer]) -> None:
    """An order that arrives after the look and before the DELETE keeps its customer: a 409."""
    customer = make_customer()

    def insert_after_the_look(execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:  # type: ignore[type-arg]
        result = execute(sql, params, many, context)
        if sql.endswith("LIMIT 1"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO orders_order (customer_id, status, total_cents, is_archived, created_at, updated_at)"
                    " VALUES (%s, 'draft', 0, false, now(), now())",
                    [customer.pk],
                )
        return result

    with connection.execute_wrapper(insert_after_the_look), pytest.raises(Conflict):
        services.delete_customer(customer)
    assert Customer.objects.filter(pk=customer.pk).exists()
