"""Keeps `Order.total_cents` the sum of its lines under concurrent writers, on any database.

The protocol, for every write of a line: lock the orders concerned in the order of their ids (so that no two writers
wait for each other), make sure that the lines are still where they were, write, and add the lines up again in SQL.
Adding up heals whatever was wrong before, and costs one pass over the lines of an order through its index.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The lines that a write may change, by id with their order's id, and every order that is locked for it."""

    order_id_by_item: dict[int, int] = field(default_factory=dict)
    order_ids: frozenset[int] = frozenset()


def lock_orders(order_ids: Iterable[int], *, using: str = "default") -> frozenset[int]:
    """Lock the orders in the order of their ids until the transaction ends; return those that exist.

    Every writer of lines takes this lock first. `no_key` lets other tables go on referring to the row meanwhile.
    """
    rows = _orders(using).filter(pk__in=set(order_ids)).order_by("pk")
    return frozenset(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def lock_for_items(item_ids: Collection[int], *, also: Iterable[int] = (), using: str = "default") -> Touched:
    """Lock the orders that hold the lines, and `also`; return the lines that exist, with where they are.

    A line can move to another order between looking and locking. Its locks are then given back (a savepoint's
    rollback releases them) and the look repeated: locking a further order while holding one could deadlock.
    """
    extra = set(also)
    if not item_ids:
        return Touched(order_ids=lock_orders(extra, using=using))
    while True:
        seen = _places(item_ids, using)
        with transaction.atomic(using=using):
            locked = lock_orders(extra.union(seen.values()), using=using)
            now = _places(seen, using)
            if locked.issuperset(now.values()):
                return Touched(order_id_by_item=now, order_ids=locked)
            transaction.set_rollback(True, using=using)


def recompute(order_ids: Iterable[int], *, using: str = "default") -> None:
    """Set each order's total to the sum of its lines. The caller holds the locks of `lock_orders`."""
    lines = (
        _items(using)
        .filter(order=OuterRef("pk"))
        .order_by()
        .values("order")
        .annotate(cents=Sum(F("quantity") * F("unit_price_cents"), output_field=BigIntegerField()))
        .values("cents")
    )
    _orders(using).filter(pk__in=set(order_ids)).update(
        total_cents=Coalesce(Subquery(lines), 0, output_field=BigIntegerField()), updated_at=timezone.now()
    )


def _places(item_ids: Collection[int], using: str) -> dict[int, int]:
    return dict(_items(using).filter(pk__in=item_ids).values_list("pk", "order_id"))


def _orders(using: str) -> "models.QuerySet[Any]":
    return models.QuerySet(apps.get_model("orders", "Order"), using=using)


def _items(using: str) -> "models.QuerySet[Any]":
    return models.QuerySet(apps.get_model("orders", "OrderItem"), using=using)
