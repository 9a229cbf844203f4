"""Migrates the throw-away database of a load test, and no other. A program: its argument is the database's name."""

import sys

import django


def main(name: str) -> str | None:
    """Migrate, or return why not: the settings may take their database from elsewhere than DATABASE_URL."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if str(connection.settings_dict["NAME"]) != name:
        return (
            "the settings do not take their database from DATABASE_URL, so a service started here would use another "
            "one than the load test's own: read it there, or start the service yourself and name it with --target"
        )
    call_command("migrate", verbosity=0)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
