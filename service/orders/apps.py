"""The orders app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class OrdersConfig(AppConfig):
    """Customers, orders and the lines of an order; its label names the tables."""

    name = "service.orders"
    label = "orders"

    def ready(self) -> None:
        """Let migrations take their time."""
        pre_migrate.connect(_lift_statement_limit, sender=self)
        post_migrate.connect(_restore_statement_limit, sender=self)


def _lift_statement_limit(sender: Any, using: str = "default", **_: Any) -> None:  # noqa: ARG001
    """Take the limit of requests from a migration's statements: an index takes as long as its table is large.

    The limit on waiting for a lock stays: a migration that waits for one makes every request behind it wait too.
    """
    _execute(using, "SET statement_timeout = 0")


def _restore_statement_limit(sender: Any, using: str = "default", **_: Any) -> None:  # noqa: ARG001
    """Put back the limit that the connection began with."""
    _execute(using, "RESET statement_timeout")


def _execute(using: str, statement: str) -> None:
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement)
