"""Fill a server's database with the dataset, and write the values of the bindings for Locust, which has no Django."""

import json
import os
from pathlib import Path


def main() -> None:
    """Migrate, build, write."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tools.scoreboard.shared.scenarios import bound_values, build_dataset

    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    build_dataset()
    Path(os.environ["SCOREBOARD_STATE"], "bindings.json").write_text(json.dumps(bound_values()), encoding="utf-8")


if __name__ == "__main__":
    main()
