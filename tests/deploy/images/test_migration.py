"""The one-off task of the migrations, in the service's image."""

from pathlib import Path

import pytest

from reglab.postgres.server import Server
from tests.deploy.images.containers import SERVICE, container
from tests.deploy.images.site import migrating

pytestmark = pytest.mark.slow

PROGRAM = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout"):
        cursor.execute("SHOW " + name)
        print(name, cursor.fetchone()[0])
"""


def test_a_migration_may_take_its_time_but_not_in_front_of_others(migrated: Server, tmp_path: Path) -> None:
    """In force on its connection: no limit for a statement, 5 s for a lock."""
    command = ("python", "-c", PROGRAM)
    with container(SERVICE, *command, environment=migrating(migrated), folder=tmp_path) as task:
        assert task.process.wait(120) == 0, task.text()
        assert task.text().splitlines()[-2:] == ["statement_timeout 0", "lock_timeout 5s"]
