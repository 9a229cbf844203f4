"""Customers, orders and lines as the API shows them."""

from rest_framework import serializers

from orders.models import Customer, Order, OrderItem


class CustomerSerializer(serializers.ModelSerializer):
    """A customer."""

    class Meta:
        model = Customer
        fields = ("id", "name", "email", "is_active", "created_at")


class OrderItemSerializer(serializers.ModelSerializer):
    """A line of an order."""

    class Meta:
        model = OrderItem
        fields = ("id", "order", "sku", "quantity", "unit_price_cents")


class OrderSerializer(serializers.ModelSerializer):
    """An order with its lines."""

    items = OrderItemSerializer(many=True, read_only=True)
    customer_email = serializers.EmailField(source="customer.email", read_only=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "customer",
            "customer_email",
            "status",
            "total_cents",
            "is_archived",
            "created_at",
            "updated_at",
            "items",
        )
