"""The JSON shapes of the API. Reading and writing an order have different shapes, so each has its own class."""

from typing import Any

from rest_framework import serializers

from service.orders import limits, selectors, services
from service.orders.models import Customer, Order, OrderItem
from service.orders.requests.fields import (
    StrictEmailField,
    StrictFieldsMixin,
    StrictIntegerField,
    StrictModelSerializer,
)


class CustomerSerializer(StrictModelSerializer):
    """A customer."""

    # Declared, so that the database alone decides whether the address is taken: a look beforehand would race.
    email = StrictEmailField(max_length=254, help_text="Unique: one that is taken is a 409.")

    class Meta:
        model = Customer
        fields = ["id", "name", "email", "is_active", "created_at"]

    def create(self, validated_data: dict[str, Any]) -> Customer:
        """Insert through the service."""
        return services.create_customer(**validated_data)

    def update(self, instance: Customer, validated_data: dict[str, Any]) -> Customer:
        """Write the changed fields through the service."""
        return services.update_customer(instance.pk, changes=validated_data)


class OrderItemSerializer(StrictModelSerializer):
    """A line of an order, with the order that it belongs to."""

    class Meta:
        model = OrderItem
        fields = ["id", "order", "sku", "quantity", "unit_price_cents"]

    def create(self, validated_data: dict[str, Any]) -> OrderItem:
        """Insert through the service."""
        return services.create_item(**validated_data)

    def update(self, instance: OrderItem, validated_data: dict[str, Any]) -> OrderItem:
        """Write the changed fields through the service."""
        return services.update_item(instance, changes=validated_data)


class OrderLineSerializer(StrictModelSerializer):
    """A line inside its order."""

    class Meta:
        model = OrderItem
        fields = ["id", "sku", "quantity", "unit_price_cents"]


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order as it is read: with its lines and its customer's address."""

    customer_email = serializers.EmailField(source="customer.email", read_only=True)
    items = OrderLineSerializer(many=True, read_only=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "customer",
            "customer_email",
            "status",
            "total_cents",
            "is_archived",
            "created_at",
            "updated_at",
            "items",
        ]
        read_only_fields = fields


class OrderWriteSerializer(StrictModelSerializer):
    """What every write of an order answers with: the order as it is read."""

    def to_representation(self, instance: Order) -> dict[str, Any]:
        """Show the order in full, as the service read it back in the transaction that wrote it."""
        return OrderSerializer(instance).data


class OrderCreateSerializer(OrderWriteSerializer):
    """A new order with its first lines. Any status may be the first; the total is the sum of the lines."""

    items = OrderLineSerializer(many=True, required=False, max_length=limits.MAX_ITEMS_PER_REQUEST)  # type: ignore[call-arg]

    class Meta:
        model = Order
        fields = ["customer", "status", "items"]

    def create(self, validated_data: dict[str, Any]) -> Order:
        """Insert through the service."""
        return services.create_order(
            customer=validated_data["customer"],
            changes={name: value for name, value in validated_data.items() if name not in ("customer", "items")},
            lines=validated_data.get("items", []),
        )


class OrderUpdateSerializer(OrderWriteSerializer):
    """What can be changed of an order. Its lines are written through /api/items/, and its total through them.

    Any status may follow any other, and `is_archived` can be taken back: `cancel` and `archive` are the idempotent
    shortcuts that an interface would offer. What a PUT leaves out stays as it is, but for `customer`.
    """

    class Meta:
        model = Order
        fields = ["customer", "status", "is_archived"]

    def update(self, instance: Order, validated_data: dict[str, Any]) -> Order:
        """Write the changed fields through the service."""
        return services.update_order(instance.pk, changes=validated_data)


class CancelledSerializer(serializers.ModelSerializer[Order]):
    """The answer of `cancel`."""

    class Meta:
        model = Order
        fields = ["id", "status"]
        read_only_fields = fields


class ArchivedSerializer(serializers.ModelSerializer[Order]):
    """The answer of `archive`."""

    class Meta:
        model = Order
        fields = ["id", "is_archived"]
        read_only_fields = fields


class SummaryRowSerializer(serializers.Serializer[selectors.SummaryRow]):
    """One customer of the summary."""

    customer_id = serializers.IntegerField()
    email = serializers.EmailField()
    order_count = serializers.IntegerField(help_text="Paid orders that are not archived.")
    total_cents = serializers.IntegerField(help_text="The sum of their totals.")


class SummarySerializer(serializers.Serializer[Any]):
    """The top customers, and how many were asked for."""

    limit = serializers.IntegerField()
    rows = SummaryRowSerializer(many=True)


class SeedSerializer(StrictFieldsMixin, serializers.Serializer[Any]):
    """How much test data to make."""

    customers = StrictIntegerField(default=100, min_value=1, max_value=limits.MAX_SEED_CUSTOMERS)
    orders_per_customer = StrictIntegerField(default=5, min_value=0, max_value=limits.MAX_SEED_ORDERS_PER_CUSTOMER)
    items_per_order = StrictIntegerField(default=3, min_value=0, max_value=limits.MAX_SEED_ITEMS_PER_ORDER)


class SeededSerializer(serializers.Serializer[services.SeedCounts]):
    """How many rows a seed made."""

    customers = serializers.IntegerField()
    orders = serializers.IntegerField()
    items = serializers.IntegerField()
