"""The rows that the orders' scenarios run on: the same for the same sizes, ids and times included."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models

from service.orders.models import Customer, Order, OrderItem, OrderStatus

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = (OrderStatus.PAID, OrderStatus.DRAFT, OrderStatus.SHIPPED)
ARCHIVED_ORDERS = 2


def build(*, orders: int, items_per_order: int, unrelated: int) -> None:
    """Make `orders` visible orders: the first half of one customer, in all statuses, the others paid, one a customer.

    Beside them, whatever the size: two archived orders, a retired customer with a paid order, a cancelled order, and
    a customer without orders. `unrelated` is how many archived orders there are of customers that nobody asks for.
    """
    main = max(1, orders // 2)
    first, retired, spare, *others = _customers(["first", "retired", "spare", *_names("other", orders - main)])
    strangers = _customers(_names("stranger", unrelated))
    made = [
        *(Order(customer=first, status=STATUSES[number % len(STATUSES)]) for number in range(main)),
        *(Order(customer=customer, status=OrderStatus.PAID) for customer in others),
        *(Order(customer=first, status=OrderStatus.PAID, is_archived=True) for _ in range(ARCHIVED_ORDERS)),
        Order(customer=retired, status=OrderStatus.PAID),
        Order(customer=first, status=OrderStatus.CANCELLED),
        *(Order(customer=customer, status=OrderStatus.SHIPPED, is_archived=True) for customer in strangers),
    ]
    Customer.objects.filter(pk=retired.pk).update(is_active=False)
    Customer.objects.filter(pk=spare.pk).update(name="Without orders")
    _add_orders(made, items_per_order=items_per_order)


def _names(kind: str, count: int) -> Iterator[str]:
    return (f"{kind}-{number:04}" for number in range(count))


def _customers(names: Iterable[str]) -> list[Customer]:
    rows = [Customer(name=f"Customer {name}", email=f"{name}@example.test") for name in names]
    made = _plain(Customer).bulk_create(rows)
    _set_times(Customer, made, ["created_at"])
    return made


def _add_orders(orders: list[Order], *, items_per_order: int) -> None:
    """Insert orders with equal lines and the totals that belong to them; the plain querysets keep it to bulk writes."""
    prices = [100 * (number + 1) for number in range(items_per_order)]
    for order in orders:
        order.total_cents = sum(prices)
    _plain(Order).bulk_create(orders)
    _plain(OrderItem).bulk_create(
        OrderItem(order=order, sku=f"SKU-{number}", quantity=1, unit_price_cents=price)
        for order in orders
        for number, price in enumerate(prices)
    )
    _set_times(Order, orders, ["created_at", "updated_at"])


def _set_times(model: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Give the rows times of their own: what `auto_now` set is the moment of the audit.

    By hand, because `bulk_update` composes an expression for each row and field, which takes longer than all else here.
    """
    options = model._meta  # noqa: SLF001  # Django's public name for it
    fields = [field for field in options.concrete_fields if field.name in names]
    quoted = connection.ops.quote_name
    columns = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
    values = []
    for number, row in enumerate(rows):
        time = BEGINNING + timedelta(minutes=number)
        for field in fields:
            setattr(row, field.name, time)
        values.append([*(field.get_db_prep_save(time, connection) for field in fields), row.pk])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quoted(options.db_table)} SET {columns} WHERE id = %s",  # noqa: S608  # names of our own models
            values,
        )


def _plain(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Give Django's own queryset: the service's keeps totals, which are in the rows already."""
    return models.QuerySet(model)
