"""`manage.py seed`: test data of any size, for the environments that allow it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from service.orders.seeding import SeedSize, seed


class Command(BaseCommand):
    """Makes customers, orders and lines in bulk."""

    help = "Insert test customers with orders and lines, in bulk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the three sizes."""
        default = SeedSize()
        parser.add_argument("--customers", type=int, default=default.customers)
        parser.add_argument("--orders-per-customer", type=int, default=default.orders_per_customer)
        parser.add_argument("--items-per-order", type=int, default=default.items_per_order)

    def handle(self, **options: Any) -> None:
        """Insert, and say how much."""
        if not settings.DEV_ENDPOINTS:
            raise CommandError("This environment does not allow test data (it would need DEV_ENDPOINTS=1 in staging).")
        names = ("customers", "orders_per_customer", "items_per_order")
        if min(options[name] for name in names) < 0:
            raise CommandError("A size cannot be negative.")
        counts = seed(SeedSize(**{name: options[name] for name in names}))
        self.stdout.write(f"Made {counts.customers} customers, {counts.orders} orders and {counts.items} items.")
