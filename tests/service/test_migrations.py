"""The migrations: complete, and good for both ways on both databases."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

TABLES = {"orders_customer", "orders_order", "orders_orderitem"}


def tables() -> set[str]:
    return TABLES & set(connection.introspection.table_names())


def trigram_indexes() -> int:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "orders_customer")
    return sum(name == "customer_email_trigram" for name in constraints)


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    """The models and the migrations agree."""
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth() -> None:
    """Undone, nothing is left of the app; done again, all of it is there."""
    expected = int(connection.vendor == "postgresql")
    assert (tables(), trigram_indexes()) == (TABLES, expected)
    try:
        call_command("migrate", "orders", "0001", verbosity=0)
        assert trigram_indexes() == 0
        call_command("migrate", "orders", "zero", verbosity=0)
        assert tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert (tables(), trigram_indexes()) == (TABLES, expected)
