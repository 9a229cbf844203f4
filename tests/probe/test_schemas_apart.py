"""Schemas: what an upgraded database has otherwise than a new one is told by table, and names are nothing."""

import pytest
from django.db import connection

from reglab.migrations_audit.schema import apart, schema_of

ITEMS = "orders_orderitem"


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("ALTER TABLE {table} DROP CONSTRAINT item_quantity_in_range", "it lacks constraint CHECK"),
        ("ALTER TABLE {table} ALTER quantity TYPE bigint", "it still has column quantity bigint NOT NULL"),
        ("ALTER TABLE {table} ALTER sku DROP NOT NULL", "it lacks column sku character varying"),
        ("CREATE INDEX one ON {table} (sku)", f"it still has index on public.{ITEMS} USING btree (sku)"),
    ],
)
def test_what_differs_is_told_by_table(sql: str, told: str) -> None:
    """A rule, a type, a column that may be empty and an index are each told, of their table alone."""
    new = schema_of(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table=ITEMS))
    ((table, differences),) = apart(upgraded=schema_of(connection), new=new)
    assert table == ITEMS
    assert told in differences


@pytest.mark.postgres
@pytest.mark.django_db
def test_another_name_is_no_difference() -> None:
    """A constraint and an index that are called otherwise are the same."""
    new = schema_of(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {ITEMS} RENAME CONSTRAINT item_quantity_in_range TO quantities")
        cursor.execute(f"ALTER INDEX {ITEMS}_pkey RENAME TO another")
    assert apart(upgraded=schema_of(connection), new=new) == ()
