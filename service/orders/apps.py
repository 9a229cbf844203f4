"""The orders app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Customers, orders and the lines of an order; its label names the tables."""

    name = "service.orders"
    label = "orders"
