"""Replaces the adding up of an order's total by a read, a pause and a write, without a lock."""

import time
from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps


class PlantedConfig(AppConfig):
    """Plants the fault once the models are there."""

    name = "tests.loadtests.planted"
    label = "planted_lost_update"

    def ready(self) -> None:
        """Patch what keeps totals right."""
        from service.orders import totals

        totals.lock_orders = _no_lock
        totals.recompute = _read_then_write


def _no_lock(order_ids: Iterable[int], *, using: str = "default") -> frozenset[int]:
    del using
    return frozenset(order_ids)


def _read_then_write(order_ids: Iterable[int], *, using: str = "default") -> None:
    orders: Any = apps.get_model("orders", "Order")
    items: Any = apps.get_model("orders", "OrderItem")
    for order in order_ids:
        lines = items.objects.using(using).filter(order=order).values_list("quantity", "unit_price_cents")
        total = sum(quantity * cents for quantity, cents in lines)
        time.sleep(0.01)
        orders.objects.using(using).filter(pk=order).update(total_cents=total)
