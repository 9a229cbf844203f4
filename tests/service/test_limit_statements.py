"""Time limits kept on the database role: set where PostgreSQL has roles, refused in a sentence elsewhere."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.postgres
def test_the_role_keeps_both_limits() -> None:
    """New connections of the role in this database get the limits that were given, and the command says so."""
    said = StringIO()
    call_command("limit_statements", lock_timeout_ms=1500, statement_timeout_ms=2500, stdout=said)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting"
            " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        kept = {row[0] for row in cursor.fetchall()}
    assert {"lock_timeout=1500", "statement_timeout=2500"} <= kept
    assert "lock_timeout = 1500 ms" in said.getvalue()


@pytest.mark.postgres
def test_a_limit_of_nothing_is_refused() -> None:
    """Zero would mean no limit at all."""
    with pytest.raises(CommandError, match="--lock-timeout-ms must be at least 1; it is 0"):
        call_command("limit_statements", lock_timeout_ms=0)


def test_a_database_without_roles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has no roles: the command names the database that it was given."""
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="Only PostgreSQL has roles with limits; DATABASE_URL names sqlite"):
        call_command("limit_statements")
