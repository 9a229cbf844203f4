"""`manage.py limit_statements`: time limits on the database role, where PgBouncer keeps none of a connection's."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from service.environment import DEFAULT_LIMITS_MS


class Command(BaseCommand):
    """Sets `lock_timeout` and `statement_timeout` for this role in this database."""

    help = "Limit how long a statement of the service's role may wait for a lock, and how long it may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two limits."""
        parser.add_argument("--lock-timeout-ms", type=int, default=DEFAULT_LIMITS_MS["lock_timeout"])
        parser.add_argument("--statement-timeout-ms", type=int, default=DEFAULT_LIMITS_MS["statement_timeout"])

    def handle(self, **options: Any) -> None:
        """Change the role, whose new connections then have the limits, through whatever pool they are made."""
        if connection.vendor != "postgresql":
            raise CommandError(f"Only PostgreSQL has roles with limits; DATABASE_URL names {connection.vendor}.")
        for name in DEFAULT_LIMITS_MS:
            limit_ms = options[f"{name}_ms"]
            if limit_ms < 1:
                raise CommandError(f"--{name.replace('_', '-')}-ms must be at least 1; it is {limit_ms}.")
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_user, current_database()")
                role, database = map(connection.ops.quote_name, cursor.fetchone())
                cursor.execute(f"ALTER ROLE {role} IN DATABASE {database} SET {name} = {limit_ms:d}")
            self.stdout.write(f"{name} = {limit_ms} ms, from the next connection on.")
