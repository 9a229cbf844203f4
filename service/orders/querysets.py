"""Bulk writes of lines and orders that keep the totals: the model's own save() and delete() do not see these."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models.expressions import BaseExpression

from service.orders import totals

if TYPE_CHECKING:
    from service.orders.models import Order, OrderItem  # noqa: F401 - named in a string


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders, deleted under their locks."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the orders and their lines; the locks keep a new line from slipping in between."""
        with transaction.atomic(using=self.db, savepoint=False):
            locked = totals.lock_orders(self.values_list("pk", flat=True), using=self.db)
            return models.QuerySet(self.model, using=self.db).filter(pk__in=locked).delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class OrderItemQuerySet(models.QuerySet["OrderItem"]):
    """Lines whose bulk writes bring the totals of the orders concerned up to date, in one transaction."""

    def update(self, **changes: Any) -> int:
        """Update the lines and the totals. Raises TypeError where the new order is an expression."""
        order_id = _order_id(changes)
        with transaction.atomic(using=self.db, savepoint=False):
            also = [] if order_id is None else [order_id]
            touched = totals.lock_for_items(list(self.values_list("pk", flat=True)), also=also, using=self.db)
            updated = (
                models.QuerySet(self.model, using=self.db).filter(pk__in=touched.order_id_by_item).update(**changes)
            )
            totals.recompute(touched.order_ids, using=self.db)
        return updated

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the lines and bring the totals up to date."""
        with transaction.atomic(using=self.db, savepoint=False):
            touched = totals.lock_for_items(list(self.values_list("pk", flat=True)), using=self.db)
            rows: models.QuerySet[OrderItem] = models.QuerySet(self.model, using=self.db)
            deleted = rows.filter(pk__in=touched.order_id_by_item).delete()
            totals.recompute(touched.order_ids, using=self.db)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable["OrderItem"], *args: Any, **kwargs: Any) -> Sequence["OrderItem"]:  # type: ignore[override]
        """Insert the lines and bring the totals up to date.

        Raises ValueError for update_conflicts: the order that a conflicting line leaves could not be known.
        """
        if kwargs.get("update_conflicts"):
            raise ValueError("OrderItem.bulk_create() cannot keep totals with update_conflicts; use update() instead.")
        items = list(objs)
        with transaction.atomic(using=self.db, savepoint=False):
            locked = totals.lock_orders({item.order_id for item in items}, using=self.db)
            created = super().bulk_create(items, *args, **kwargs)
            totals.recompute(locked, using=self.db)
        return created


def _order_id(changes: dict[str, Any]) -> int | None:
    """Return the id of the order that an update moves its lines to, if it moves them."""
    order = changes.get("order", changes.get("order_id"))
    if isinstance(order, BaseExpression):
        raise TypeError("OrderItem.update() needs the new order itself, not an expression, to keep the totals.")
    return getattr(order, "pk", order)
