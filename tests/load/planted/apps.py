"""Replaces the adding up of an order's total by a read, a pause and a write of what was read plus the new line."""

import time
from typing import Any

from django.apps import AppConfig
from django.db import models, transaction


class PlantedConfig(AppConfig):
    """Plants the fault once the models are there."""

    name = "tests.load.planted"
    label = "planted_lost_update"

    def ready(self) -> None:
        """Patch what keeps totals right when a line is added."""
        from service.orders.models import OrderItem

        OrderItem.save = _read_then_write  # type: ignore[method-assign]


def _read_then_write(self: Any, **options: Any) -> None:
    with transaction.atomic():
        models.Model.save(self, **options)
        orders = type(self.order).objects.filter(pk=self.order_id)
        total = orders.values_list("total_cents", flat=True).get()
        time.sleep(0.01)
        orders.update(total_cents=total + self.quantity * self.unit_price_cents)
