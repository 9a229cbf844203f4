"""Rows before and after a migration: what is lost is told by table, and what the operations declare is not."""

import pytest
from django.db import connection, migrations, transaction

from reglab.migrations_audit.operations import declared
from reglab.migrations_audit.rows import Loss, losses, stretch_texts
from service.orders.models import Customer, Order

BEFORE: dict[str, dict[tuple[str, ...], dict[str, str]]] = {
    "orders_order": {
        ("1",): {"id": "1", "status": "paid", "note": "x"},
        ("2",): {"id": "2", "status": "draft", "note": "y"},
    }
}


def test_deleted_rows_are_counted() -> None:
    """A row whose key is gone is lost."""
    after: dict[str, dict[tuple[str, ...], dict[str, str]]] = {"orders_order": {("1",): BEFORE["orders_order"]["1",]}}
    assert list(losses(BEFORE, after, declared=frozenset())) == [
        Loss(table="orders_order", verb="delete", rows=1, key="2")
    ]


def test_changed_values_are_told_by_column() -> None:
    """A value that differs is a change; a column that is there on one side alone is none."""
    after: dict[str, dict[tuple[str, ...], dict[str, str]]] = {
        "orders_order": {
            ("1",): {"id": "1", "status": "PAID", "extra": "new"},
            ("2",): {"id": "2", "status": "draft", "extra": "new"},
        }
    }
    (found,) = losses(BEFORE, after, declared=frozenset())
    assert (found.verb, found.rows, found.columns) == ("update", 1, ("status",))


def test_what_the_operations_declare_is_no_loss() -> None:
    """A table that a migration deletes, and a field that it alters, are meant."""

    class Meant(migrations.Migration):
        operations = [migrations.DeleteModel("OrderItem"), migrations.RemoveField("order", "status")]

    meant = declared((Meant("0009_meant", "orders"),))
    assert meant == {"orders_orderitem", "orders_order.status"}
    assert not list(losses({"orders_orderitem": {("1",): {"id": "1"}}}, {}, declared=meant))


@pytest.mark.postgres
@pytest.mark.django_db
def test_texts_of_a_row_are_at_their_limits() -> None:
    """One row has texts as long as its columns allow, the others are as before; what a constraint refuses stays."""
    first, last = (Customer.objects.create(name=name, email=f"{name}@rows.example") for name in ("Ann", "Bob"))
    order = Order.objects.create(customer=first)
    with transaction.atomic():
        stretch_texts(connection)
    for row in (first, last, order):
        row.refresh_from_db()
    assert (first.name, len(last.name), len(last.email)) == ("Ann", 200, 254)
    # Another migration writes such a text in small letters, or in ASCII: then it is another text.
    assert last.email not in {last.email.lower(), last.email.upper()}
    assert not last.email.isascii()
    # A choice that is none is refused by the database.
    assert order.status == "draft"
