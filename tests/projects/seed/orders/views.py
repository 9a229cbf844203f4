"""The API: customers, orders and lines, a summary, and rows to try it with."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from rest_framework import viewsets
from rest_framework.decorators import action, api_view
from rest_framework.request import Request
from rest_framework.response import Response

from orders.models import Customer, Order, OrderItem
from orders.serializers import CustomerSerializer, OrderItemSerializer, OrderSerializer


class CustomerViewSet(viewsets.ModelViewSet):
    """Customers."""

    queryset = Customer.objects.order_by("id")
    serializer_class = CustomerSerializer


class OrderViewSet(viewsets.ModelViewSet):
    """Orders, filtered by status and e-mail address; archived ones are not listed."""

    queryset = Order.objects.order_by("-id")
    serializer_class = OrderSerializer

    def get_queryset(self) -> QuerySet[Order]:
        orders = super().get_queryset()
        if self.action == "list":
            orders = orders.filter(is_archived=False)
            if status := self.request.query_params.get("status"):
                orders = orders.filter(status=status)
            if email := self.request.query_params.get("email"):
                orders = orders.select_related("customer").filter(customer__email__icontains=email)
        return orders

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:
        """Cancel an order."""
        order = self.get_object()
        order.status = Order.Status.CANCELLED
        order.save()
        return Response({"id": order.pk, "status": order.status})

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: Any = None) -> Response:
        """Take an order out of the list."""
        order = self.get_object()
        order.is_archived = True
        order.save()
        return Response({"id": order.pk, "is_archived": order.is_archived})

    @action(detail=False, methods=["get"])
    def summary(self, request: Request) -> Response:
        """Show the customers with the largest totals of paid orders."""
        limit = int(request.query_params.get("limit", "50"))
        paid = Q(orders__status=Order.Status.PAID, orders__is_archived=False)
        customers = (
            Customer.objects.filter(is_active=True)
            .annotate(order_count=Count("orders", filter=paid), total_cents=Sum("orders__total_cents", filter=paid))
            .order_by("-total_cents", "id")[:limit]
        )
        rows = [
            {
                "customer_id": customer.pk,
                "email": customer.email,
                "order_count": customer.order_count,
                "total_cents": customer.total_cents or 0,
            }
            for customer in customers
        ]
        return Response({"limit": limit, "rows": rows})


class OrderItemViewSet(viewsets.ModelViewSet):
    """Lines of orders."""

    queryset = OrderItem.objects.order_by("id")
    serializer_class = OrderItemSerializer


@api_view(["POST"])
def seed(request: Request) -> Response:
    """Make customers with orders and lines, in bulk."""
    first = Customer.objects.count()
    customers = Customer.objects.bulk_create(
        Customer(name=f"Customer {number}", email=f"customer{number}@example.com")
        for number in range(first, first + int(request.data.get("customers", 100)))
    )
    orders = Order.objects.bulk_create(
        Order(customer=customer, status=Order.Status.PAID)
        for customer in customers
        for _ in range(int(request.data.get("orders_per_customer", 5)))
    )
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, sku=f"SKU-{number}", quantity=1, unit_price_cents=100)
        for order in orders
        for number in range(int(request.data.get("items_per_order", 3)))
    )
    return Response({"customers": len(customers), "orders": len(orders), "items": len(items)}, status=201)
