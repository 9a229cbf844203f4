"""The digest: what really differs afterwards, told apart from what was merely attempted."""

import pytest
from django.db import connection, connections, transaction

from reglab.counters.digests import DigestCounter
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order
from tests.counters.support import ROOT, customers, orders, plant_audit_trigger, values

pytestmark = pytest.mark.django_db


def counter() -> DigestCounter:
    return DigestCounter(connections.all())


def changed(counted: DigestCounter) -> dict[str, int | float]:
    """Return the rows and columns that differ, without what they have now."""
    return {name: value for name, value in values(counted).items() if not name.startswith("written_values")}


def test_an_update_names_its_columns_and_row() -> None:
    """A changed row counts once, with its key and the columns that differ."""
    first, second = orders(2)
    with counter() as counted:
        Order.objects.filter(pk=second.pk).update(status="paid", is_archived=True)
    assert changed(counted) == {
        "rows_changed orders_order update": 1,
        "columns_changed orders_order: is_archived, status": 2,
    }
    (change,) = counted.changes
    assert (change.key, change.columns) == ((str(second.pk),), ("is_archived", "status"))
    assert first.pk != second.pk


def test_a_write_of_what_was_there_changes_nothing() -> None:
    """A no-op write is told apart from a real one: the content decides."""
    (customer,) = customers(1)
    with counter() as counted:
        Customer.objects.filter(pk=customer.pk).update(name=customer.name)
    assert changed(counted) == {}


def test_a_rolled_back_write_changes_nothing() -> None:
    """A write that a savepoint takes back leaves no trace in the digest."""
    with counter() as counted, transaction.atomic():
        customers(1)
        transaction.set_rollback(True)
    assert changed(counted) == {}


def test_inserts_and_deletes_are_told_apart() -> None:
    """A new row and a vanished row count under their verbs, even in one table; the digest names the lost key."""
    (lost,) = customers(1)
    key = lost.pk
    with counter() as counted:
        Customer.objects.create(name="n", email="n@digest.test")
        lost.delete()
    assert changed(counted) == {"rows_changed orders_customer insert": 1, "rows_changed orders_customer delete": 1}
    (count,) = (count for count in counted.counts() if count.part == "orders_customer delete")
    assert count.evidence[0].text == f"1 row of orders_customer deleted: key {key}"


def test_a_deletion_through_a_cascade_names_every_table() -> None:
    """Deleting an order takes its lines with it, and both tables say so."""
    (order,) = orders(1)
    with counter() as counted:
        order.delete()
    assert changed(counted) == {"rows_changed orders_order delete": 1, "rows_changed orders_orderitem delete": 1}


def test_a_table_without_a_model_or_a_key_is_watched() -> None:
    """A row that a trigger writes into a table that no model knows is seen, and its writer named."""
    (order,) = orders(1)
    plant_audit_trigger()
    queries = QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))
    with DigestCounter(connections.all(), queries=queries) as counted, queries:
        Order.objects.filter(pk=order.pk).update(is_archived=True)
    assert changed(counted)["rows_changed audit_log insert"] == 1
    (count,) = (count for count in counted.counts() if count.part == "audit_log insert")
    assert "by trigger log_update on orders_order" in count.evidence[1].text


def test_text_that_only_looks_equal_differs() -> None:
    """Case, white space, tabs and line ends in a text are content."""
    (order,) = orders(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes (id integer PRIMARY KEY, a text, b text)")
        cursor.execute("INSERT INTO notes VALUES (1, %s, %s)", ["x\ty\n", "same"])
        with counter() as counted:
            cursor.execute("UPDATE notes SET a = %s", ["x\tY\n"])
    assert changed(counted) == {"rows_changed notes update": 1, "columns_changed notes: a": 1}
    assert order.pk


def test_nothing_done_is_nothing_changed() -> None:
    """Reading changes nothing, and the digest itself sends nothing through Django's cursors."""
    customers(3)
    with QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT)) as queries, counter() as counted:
        assert Customer.objects.count() == 3
    assert changed(counted) == {}
    assert values(queries)["queries"] == 1


def test_ten_thousand_rows_are_compared_row_by_row() -> None:
    """Of ten thousand rows the two that changed are found, in the order of their keys."""
    Customer.objects.bulk_create(Customer(name="n", email=f"{number}@many.test") for number in range(10_000))
    keys = sorted(Customer.objects.values_list("pk", flat=True))
    with counter() as counted:
        Customer.objects.filter(pk__in=[keys[9], keys[-1]]).update(name="m")
    assert [change.key for change in counted.changes] == [(str(keys[9]),), (str(keys[-1]),)]


def test_a_column_that_the_database_generates_is_written_by_nobody() -> None:
    """What follows from other columns is none of the columns that an update changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE sums (id integer PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a + 1) STORED)"
        )
        cursor.execute("INSERT INTO sums (id, a) VALUES (1, 1)")
        with counter() as counted:
            cursor.execute("UPDATE sums SET a = 2")
    assert changed(counted) == {"rows_changed sums update": 1, "columns_changed sums: a": 1}
