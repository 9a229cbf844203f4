"""Every read of the API, each in a number of queries that does not depend on the data."""

from dataclasses import dataclass

from django.db.models import Count, F, Prefetch, QuerySet, Sum

from service.orders.models import Customer, Order, OrderItem, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """An active customer's paid, unarchived orders: how many, and their total in cents."""

    customer_id: int
    email: str
    order_count: int
    total_cents: int


def customers() -> QuerySet[Customer]:
    """Return all customers, newest first."""
    return Customer.objects.order_by("-pk")


def items() -> QuerySet[OrderItem]:
    """Return all lines, newest first."""
    return OrderItem.objects.order_by("-pk")


def orders_in_full() -> QuerySet[Order]:
    """Return all orders, newest first, with customer and lines: 2 queries, however many orders."""
    lines = Prefetch("items", OrderItem.objects.order_by("pk"))
    return Order.objects.select_related("customer").prefetch_related(lines).order_by("-created_at", "-pk")


def listed_orders() -> QuerySet[Order]:
    """Return what a list shows: `orders_in_full` without the archived ones."""
    return orders_in_full().filter(is_archived=False)


def top_customers(*, limit: int) -> list[SummaryRow]:
    """Return the `limit` active customers with the largest total of paid, unarchived orders: 1 query.

    Largest first, ties by id. A customer without such an order has no total and does not appear.
    """
    rows = (
        Order.objects.filter(status=OrderStatus.PAID, is_archived=False, customer__is_active=True)
        .values("customer_id", email=F("customer__email"))
        .annotate(order_count=Count("*"), paid_cents=Sum("total_cents"))
        .order_by("-paid_cents", "customer_id")
        .values_list("customer_id", "email", "order_count", "paid_cents")[:limit]
    )
    return [
        SummaryRow(customer_id=customer_id, email=email, order_count=order_count, total_cents=total_cents)
        for customer_id, email, order_count, total_cents in rows
    ]
