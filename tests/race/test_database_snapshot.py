"""Whatever was committed, the ground is afterwards as before: rows, their places, sequences."""

import pytest
from django.db import connection

from reglab.race.database_snapshot import Ground
from reglab.race.table_catalog import rows_of, tables_of
from service.orders.models import Customer, Order

pytestmark = pytest.mark.postgres


def test_every_row_is_put_back_in_its_place(rows: tuple[int, int]) -> None:
    """Updates, deletes and inserts are undone; rows of equal content lie in the same order, and ids start again."""
    customer_id, _ = rows
    Customer.objects.bulk_create(Customer(name="B", email=f"b{number}@rows.example") for number in range(3))
    ground = Ground()
    tables = tables_of(connection)
    before = rows_of(connection, tables)
    numbers = []
    for _ in range(3):
        numbers.append(Order.objects.create(customer_id=customer_id).pk)
        Customer.objects.filter(pk=customer_id).update(name="C")
        Customer.objects.filter(name="B").delete()
        changes = ground.changes()
        assert {change.table.name: (len(change.gone), len(change.come)) for change in changes} == {
            "orders_customer": (4, 1),
            "orders_order": (0, 1),
        }
        ground.restore(changes)
        assert rows_of(connection, tables) == before
        assert ground.changes() == ()
    assert len(set(numbers)) == 1


def test_new_numbers_are_far_from_all_others(rows: tuple[int, int]) -> None:
    """No new key can be taken for a quantity or a price."""
    Ground()
    assert Order.objects.create(customer_id=rows[0]).pk > 10**9
