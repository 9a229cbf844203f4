"""The app of orders, which listens to its own models."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Connects the signals."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "orders"

    def ready(self) -> None:
        from orders import signals  # noqa: F401
