"""Test data in bulk: as few INSERT statements as the database allows, whatever the size."""

from dataclasses import dataclass
from itertools import product
from secrets import token_hex

from django.db import models, transaction

from service.orders.models import Customer, Order, OrderItem, OrderStatus

# Mostly paid, so that the summary has something to add up.
STATUSES = (OrderStatus.PAID, OrderStatus.DRAFT, OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSize:
    """How many customers, orders for each, and lines for each order."""

    customers: int = 100
    orders_per_customer: int = 5
    items_per_order: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedCounts:
    """How many rows of each table a seed made."""

    customers: int
    orders: int
    items: int


def seed(size: SeedSize) -> SeedCounts:
    """Insert customers, orders and lines: one statement a table on PostgreSQL, in one transaction.

    Everything but the addresses depends on the position alone. The addresses carry a random token, so that a seed can
    be repeated, also by two at once.
    """
    with transaction.atomic():
        customers = Customer.objects.bulk_create(_customers(size))
        orders = Order.objects.bulk_create(_orders(size, customers))
        # The totals are in the orders already, so these need no locks and no recomputing: the plain queryset.
        plain: models.QuerySet[OrderItem] = models.QuerySet(OrderItem)
        items = plain.bulk_create(_items(size, orders))
    return SeedCounts(customers=len(customers), orders=len(orders), items=len(items))


def _customers(size: SeedSize) -> list[Customer]:
    token = token_hex(8)
    return [
        Customer(name=f"Customer {number}", email=f"customer-{number}.{token}@seed.example", is_active=number % 10 != 9)
        for number in range(size.customers)
    ]


def _orders(size: SeedSize, customers: list[Customer]) -> list[Order]:
    places = product(enumerate(customers), range(size.orders_per_customer))
    return [
        Order(
            customer=customer,
            status=STATUSES[(number + place) % len(STATUSES)],
            is_archived=(number + 3 * place) % 11 == 10,
            total_cents=total_cents(number * size.orders_per_customer + place, lines=size.items_per_order),
        )
        for (number, customer), place in places
    ]


def _items(size: SeedSize, orders: list[Order]) -> list[OrderItem]:
    return [
        OrderItem(
            order=order,
            sku=f"SKU-{(number + line) % 97:03}",
            quantity=quantity(line),
            unit_price_cents=unit_price_cents(number, line),
        )
        for (number, order), line in product(enumerate(orders), range(size.items_per_order))
    ]


def total_cents(order_number: int, *, lines: int) -> int:
    """Return the sum of an order's lines."""
    return sum(quantity(line) * unit_price_cents(order_number, line) for line in range(lines))


def quantity(line: int) -> int:
    """Return a line's quantity, by its place in its order."""
    return line % 5 + 1


def unit_price_cents(order_number: int, line: int) -> int:
    """Return a line's price, by its order's number and its place in the order."""
    return 100 + (order_number * 37 + line * 211) % 9_900
