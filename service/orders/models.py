"""Customers, their orders, and the lines of an order, with the rules that the database itself enforces."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, router, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from service.orders import limits, totals
from service.orders.querysets import OrderItemQuerySet, OrderQuerySet
from service.orders.requests import text
from service.orders.requests.addresses import AddressContains


class OrderStatus(models.TextChoices):
    """Where an order stands. Only paid ones count in the summary."""

    DRAFT = "draft"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Customer(models.Model):
    """Somebody who orders. One with orders is never deleted: retire it with `is_active`."""

    name = models.CharField(
        max_length=200,
        validators=[RegexValidator(text.VISIBLE, "Use visible characters and no control characters.")],
    )
    email = models.EmailField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # No two customers differ in capitals alone: their mail would arrive at the same place.
            models.UniqueConstraint(
                Lower("email"),
                name="customer_email_unique",
                violation_error_message="A customer with this email already exists.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Order(models.Model):
    """What a customer ordered. Its total is the sum of its lines, and nothing but the lines writes it."""

    # The index on (customer, created_at, id) serves the foreign key too.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    status = models.CharField(max_length=9, choices=OrderStatus, default=OrderStatus.DRAFT)
    total_cents = models.BigIntegerField(default=0, editable=False)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
            models.CheckConstraint(
                condition=Q(total_cents__gte=0, total_cents__lte=limits.MAX_TOTAL_CENTS), name="order_total_in_range"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="order_customer_newest"),
            models.Index(fields=["-created_at", "-id"], condition=Q(is_archived=False), name="order_listed_newest"),
            models.Index(
                fields=["status", "-created_at", "-id"], condition=Q(is_archived=False), name="order_listed_status"
            ),
            models.Index(
                fields=["customer", "total_cents"], condition=Q(is_archived=False, status="paid"), name="order_paid"
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.pk} ({self.status})"

    def save(self, **kwargs: Any) -> None:
        """Save everything but the total, which belongs to the lines: this copy of it may be out of date.

        Raises ValueError for a new order that comes with a total.
        """
        if self._state.adding:
            if self.total_cents:
                raise ValueError("A new order has no lines, so its total_cents must be 0; add its items instead.")
            # With a key of its own, Django would try an UPDATE first and could reset an existing order's total.
            kwargs.setdefault("force_insert", True)
        else:
            fields = kwargs.get("update_fields")
            names = [field.name for field in self._meta.concrete_fields if not field.primary_key]
            kwargs["update_fields"] = set(names if fields is None else fields) - {"total_cents"}
        super().save(**kwargs)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:  # type: ignore[override]
        """Delete the order and its lines; the lock keeps a new line from slipping in between."""
        using = kwargs.get("using") or router.db_for_write(Order, instance=self)
        with transaction.atomic(using=using, savepoint=False):
            totals.lock_orders({self.pk}, using=using)
            return super().delete(**kwargs)


class OrderItem(models.Model):
    """One line of an order. However it is written, its order's total follows (see `totals`)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    sku = models.CharField(
        max_length=64,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", "Use letters, digits, '.', '_' and '-'; begin with a letter or digit."
            )
        ],
    )
    quantity = models.IntegerField(validators=[MinValueValidator(1), MaxValueValidator(limits.MAX_QUANTITY)])
    unit_price_cents = models.BigIntegerField(
        validators=[MinValueValidator(0), MaxValueValidator(limits.MAX_UNIT_PRICE_CENTS)]
    )

    objects = OrderItemQuerySet.as_manager()

    class Meta:
        # So that `order.items.add()` and `.set()` keep totals too.
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=limits.MAX_QUANTITY), name="item_quantity_in_range"
            ),
            models.CheckConstraint(
                condition=Q(unit_price_cents__gte=0, unit_price_cents__lte=limits.MAX_UNIT_PRICE_CENTS),
                name="item_unit_price_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    def save(self, **kwargs: Any) -> None:
        """Save the line and bring the totals of its order, and of the order that it leaves, up to date.

        Raises OrderItem.DoesNotExist or Order.DoesNotExist where another writer deleted the one or the other.
        """
        using = kwargs.get("using") or router.db_for_write(OrderItem, instance=self)
        with transaction.atomic(using=using, savepoint=False):
            if self._state.adding and self.pk is not None:
                # Otherwise Django would try an UPDATE first, and a line could leave an order that nobody locked.
                kwargs.setdefault("force_insert", True)
            # A line in memory alone is nowhere yet; without an order at all, the database will refuse it.
            known = [] if self._state.adding else [self.pk]
            wanted = set() if self.order_id is None else {self.order_id}
            touched = totals.lock_for_items(known, also=wanted, using=using)
            if touched.order_id_by_item.keys() != set(known):
                raise OrderItem.DoesNotExist(f"Item {self.pk} does not exist (any more).")
            if not wanted <= touched.order_ids:
                raise Order.DoesNotExist(f"Order {self.order_id} does not exist (any more).")
            super().save(**kwargs)
            totals.recompute(touched.order_ids, using=using)

    def delete(self, **kwargs: Any) -> tuple[int, dict[str, int]]:  # type: ignore[override]
        """Delete the line and bring its order's total up to date."""
        using = kwargs.get("using") or router.db_for_write(OrderItem, instance=self)
        with transaction.atomic(using=using, savepoint=False):
            touched = totals.lock_for_items([self.pk], using=using)
            deleted = super().delete(**kwargs)
            totals.recompute(touched.order_ids, using=using)
        return deleted


# For every search of customers' addresses: the API's and the admin's.
Customer._meta.get_field("email").register_lookup(AddressContains)  # noqa: SLF001
