"""The endpoints as they were before the repair, written again from its description: loops, and a save() per row.

They answer exactly what the service answers, so that what differs is the work and nothing else. One of them is not the
loop that the repair really replaced: that one took the newest customers and then sorted them, which is another result.
"""

from typing import TypedDict

from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from service.orders.models import Customer, Order, OrderItem, OrderStatus


class SummaryRow(TypedDict):
    """One customer's line of the summary; money in cents."""

    customer_id: int
    email: str
    order_count: int
    total_cents: int


def summary_rows(*, limit: int) -> list[SummaryRow]:
    """Return the top active customers by total of paid, unarchived orders, two queries a customer."""
    rows: list[SummaryRow] = []
    for customer in Customer.objects.filter(is_active=True):
        orders = Order.objects.filter(customer=customer, status=OrderStatus.PAID, is_archived=False)
        order_count = orders.count()
        total_cents = 0
        for order in orders:
            total_cents += order.total_cents
        if order_count:
            rows.append(
                {
                    "customer_id": customer.pk,
                    "email": customer.email,
                    "order_count": order_count,
                    "total_cents": total_cents,
                }
            )
    rows.sort(key=lambda row: (-row["total_cents"], row["customer_id"]))
    return rows[:limit]


def seed(*, customers: int, orders_per_customer: int, items_per_order: int) -> None:
    """Write the seed's rows one save() at a time; each item's save() brings its order's total up to date."""
    statuses = list(OrderStatus)
    stamp = timezone.now().strftime("%Y%m%d%H%M%S%f")
    for customer_number in range(customers):
        customer = Customer(name=f"Customer {customer_number}", email=f"before-{stamp}-{customer_number}@example.test")
        customer.save()
        for order_number in range(orders_per_customer):
            order = Order(customer=customer, status=statuses[order_number % len(statuses)])
            order.save()
            for item_number in range(items_per_order):
                item = OrderItem(
                    order=order,
                    sku=f"SKU-{item_number}",
                    quantity=1 + item_number,
                    unit_price_cents=100 * (1 + item_number),
                )
                item.save()


class _SeedSize(serializers.Serializer[dict[str, int]]):
    customers = serializers.IntegerField(default=100, min_value=1)
    orders_per_customer = serializers.IntegerField(default=5, min_value=1)
    items_per_order = serializers.IntegerField(default=3, min_value=1)


class SummaryView(APIView):
    """`GET /api/orders/summary/` as a loop."""

    def get(self, request: Request) -> Response:
        """Answer as the service does."""
        limit = int(request.query_params.get("limit", "50"))
        return Response({"limit": limit, "rows": summary_rows(limit=limit)})


class SeedView(APIView):
    """`POST /api/dev/seed/` as loops."""

    def post(self, request: Request) -> Response:
        """Answer with the counts, as the service does."""
        size = _SeedSize(data=request.data)
        size.is_valid(raise_exception=True)
        seed(**size.validated_data)
        return Response(size.validated_data, status=201)


urlpatterns = [
    path("api/orders/summary/", SummaryView.as_view()),
    path("api/dev/seed/", SeedView.as_view()),
]
