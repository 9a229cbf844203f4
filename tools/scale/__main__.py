"""`python -m tools.scale 20000 1000000`: requests beside few orders and beside many, in one run, raw SQL as the floor.

Fills one database a size by `manage.py seed`, beside the bare COPY of the same rows, then sends each request to the
databases in turn. Prints medians in milliseconds, and ratios of medians within the run. Exit codes: 0, or 2 where it
could not run.
"""

import argparse
import os
import sys

from reglab.errors import ServerError
from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE

SECONDS_OF_ONE_REQUEST_MAX = 600


def main(arguments: list[str]) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.scale", description=__doc__)
    parser.add_argument("orders", nargs="+", type=int, help="sizes, the first is the one that the others are held to")
    parser.add_argument("--rounds", type=int, default=30, help="requests of a kind to each database (%(default)s)")
    parser.add_argument("--items-per-order", type=int, default=3)
    options = parser.parse_args(arguments)
    try:
        with Server.throwaway(settings=PRODUCTION_LIKE) as server:
            urls = {orders: server.create_database(f"orders_{orders}") for orders in options.orders}
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "service.settings",
                "SERVICE_ENVIRONMENT": "test",
                "DATABASE_URL": urls[options.orders[0]],
                "CONN_MAX_AGE": str(SECONDS_OF_ONE_REQUEST_MAX),
                "STATEMENT_TIMEOUT_MS": "0",
            }
            import django

            django.setup()
            from tools.scale.measurement import measure

            measure(urls, rounds=options.rounds, items_per_order=options.items_per_order)
    except ServerError as error:
        print(f"tools.scale: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
