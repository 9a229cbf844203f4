"""Every write of the API, each in one transaction and in a number of statements that does not depend on the data.

Writers meet on rows, so each locks what it decides on before it looks, and what it answers is read under that lock: the
answer is that of one moment. Locks are taken in one order, so that no two writers wait for each other: the customer,
then orders by id, then lines.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from rest_framework.exceptions import ValidationError

from service.orders import limits, selectors
from service.orders.exceptions import Conflict, gone, missing_reference
from service.orders.models import Customer, Order, OrderItem, OrderStatus
from service.orders.seeding import SeedCounts, SeedSize, seed

__all__ = [
    "SeedCounts",
    "SeedSize",
    "archive_order",
    "cancel_order",
    "create_customer",
    "create_item",
    "create_order",
    "delete_customer",
    "delete_item",
    "delete_order",
    "seed",
    "update_customer",
    "update_item",
    "update_order",
]


def create_customer(**values: Any) -> Customer:
    """Insert a customer. Raises Conflict for an address that is taken."""
    with _unique_email():
        return Customer.objects.create(**values)


def update_customer(customer_id: int, *, changes: Mapping[str, Any]) -> Customer:
    """Write the changed fields of a customer. Raises NotFound, and Conflict for an address that is taken."""
    with _unique_email():
        customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
        if customer is None:
            raise gone(Customer)
        if changes:
            _assign(customer, changes)
            customer.save(update_fields=list(changes))
    return customer


def delete_customer(customer: Customer) -> None:
    """Delete a customer without orders.

    Raises Conflict for one that has some, an order made meanwhile included, and NotFound for one that is gone by now.
    """
    try:
        with transaction.atomic():
            # Django's own check would load every order of the customer only to refuse.
            if not customer.orders.exists():
                _delete(customer)
                return
    except (ProtectedError, IntegrityError):
        pass
    raise Conflict("This customer has orders and cannot be deleted; set is_active to false instead.")


def create_order(*, customer: Customer, changes: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Order:
    """Insert an order with its lines; return it in full. Raises ValidationError where the customer is gone by now."""
    try:
        with transaction.atomic():
            order = Order.objects.create(customer=customer, **changes)
            if lines:
                OrderItem.objects.bulk_create([OrderItem(order=order, **line) for line in lines])
            return _in_full(order.pk)
    except (IntegrityError, Order.DoesNotExist):
        raise missing_reference("customer", customer.pk) from None


def update_order(order_id: int, *, changes: Mapping[str, Any]) -> Order:
    """Write the changed fields of an order, and never its total; return it in full.

    Raises NotFound, and ValidationError where its new customer is gone by now.
    """
    try:
        with transaction.atomic():
            order = _locked_order(order_id)
            _assign(order, changes)
            if changes:
                order.save(update_fields=[*changes, "updated_at"])
            return _in_full(order_id)
    except (IntegrityError, Order.DoesNotExist):
        raise missing_reference("customer", changes["customer"].pk) from None


def delete_order(order: Order) -> None:
    """Delete an order and its lines. Raises NotFound for one that is gone by now."""
    _delete(order)


def cancel_order(order_id: int) -> Order:
    """Set an order's status to cancelled; write nothing where it is. Raises NotFound."""
    with transaction.atomic():
        order = _locked_order(order_id)
        if order.status != OrderStatus.CANCELLED:
            order.status = OrderStatus.CANCELLED
            order.save(update_fields=["status", "updated_at"])
    return order


def archive_order(order_id: int) -> Order:
    """Archive an order; write nothing where it is archived. Raises NotFound."""
    with transaction.atomic():
        order = _locked_order(order_id)
        if not order.is_archived:
            order.is_archived = True
            order.save(update_fields=["is_archived", "updated_at"])
    return order


def create_item(**values: Any) -> OrderItem:
    """Insert a line and bring its order's total up to date."""
    item = OrderItem(**values)
    with _item_errors(item):
        item.save()
    return item


def update_item(item: OrderItem, *, changes: Mapping[str, Any]) -> OrderItem:
    """Write the changed fields of a line, and the totals of its order and of the one that it leaves."""
    if changes:
        _assign(item, changes)
        with _item_errors(item):
            item.save(update_fields=list(changes))
            # The other fields are of before the lock: another writer may have changed them meanwhile.
            item.refresh_from_db()
    return item


def delete_item(item: OrderItem) -> None:
    """Delete a line and bring its order's total up to date. Raises NotFound for one that is gone by now."""
    _delete(item)


def _locked_order(order_id: int) -> Order:
    order: Order | None = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise gone(Order)
    return order


def _in_full(order_id: int) -> Order:
    """Read an order as it is answered. Raises Order.DoesNotExist where its customer is gone by now."""
    return selectors.orders_in_full().get(pk=order_id)


def _delete(instance: Customer | Order | OrderItem) -> None:
    """Delete a row. Raises NotFound where another writer was first: of two that delete one row, one has deleted it."""
    model = type(instance)
    if not instance.delete()[0]:
        raise gone(model)


def _assign(instance: Customer | Order | OrderItem, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(instance, name, value)


@contextmanager
def _unique_email() -> Generator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Conflict({"email": ["A customer with this email already exists."]}) from None


@contextmanager
def _item_errors(item: OrderItem) -> Generator[None]:
    """Name the field for what only the database can know: the order is gone, or its total would be too large."""
    try:
        with transaction.atomic():
            yield
    except OrderItem.DoesNotExist:
        raise gone(OrderItem) from None
    except Order.DoesNotExist:
        raise missing_reference("order", item.order_id) from None
    except IntegrityError as error:
        if "order_total_in_range" not in str(error):
            raise
        message = f"The order's total would exceed {limits.MAX_TOTAL_CENTS} cents."
        raise ValidationError({"quantity": [message]}, code="max_value") from None
