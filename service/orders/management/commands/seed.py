"""`manage.py seed`: test data of any size, for the environments that allow it."""

import re
from argparse import ArgumentParser
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from service.orders.copying import copy
from service.orders.seeding import SeedCounts, SeedSize, seed

TOKEN = re.compile(r"[a-z0-9-]{1,32}")


class Command(BaseCommand):
    """Makes customers, orders and lines in bulk."""

    help = "Insert test customers with orders and lines, in bulk: on PostgreSQL by COPY, millions in constant memory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the three sizes, and the name of an interrupted run."""
        default = SeedSize()
        parser.add_argument("--customers", type=int, default=default.customers)
        parser.add_argument("--orders-per-customer", type=int, default=default.orders_per_customer)
        parser.add_argument("--items-per-order", type=int, default=default.items_per_order)
        parser.add_argument("--token", help="what the addresses carry; the same one goes on where a run stopped")

    def handle(self, **options: Any) -> None:
        """Insert, and say how much."""
        if not settings.DEV_ENDPOINTS:
            raise CommandError("This environment does not allow test data (it would need DEV_ENDPOINTS=1 in staging).")
        names = ("customers", "orders_per_customer", "items_per_order")
        if min(options[name] for name in names) < 0:
            raise CommandError("A size cannot be negative.")
        size = SeedSize(**{name: options[name] for name in names})
        counts = self._copy(size, token=options["token"]) if connection.vendor == "postgresql" else seed(size)
        self.stdout.write(f"Made {counts.customers} customers, {counts.orders} orders and {counts.items} items.")

    def _copy(self, size: SeedSize, *, token: str | None) -> SeedCounts:
        if token is not None and not TOKEN.fullmatch(token):
            raise CommandError(f"--token must be 1 to 32 small letters, digits or '-'; it is {token!r}.")
        token = token or token_hex(8)
        # None: shown on a terminal alone.
        with tqdm(total=size.customers, unit=" customers", disable=None) as bar:
            try:
                return copy(size, token=token, progress=bar.update)
            except KeyboardInterrupt:
                raise CommandError(f"Stopped; go on with the same sizes and --token {token}.") from None
