"""The row counter: reads by kind of scan, attempted writes by table and verb."""

import pytest
from django.db import IntegrityError, connection, connections, transaction

from reglab.counters.queries import QueryCounter
from reglab.counters.rows import RowCounter
from reglab.project.data.driver import CounterError
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order
from tests.counters.support import ROOT, customers, orders, plant_audit_trigger, values

pytestmark = pytest.mark.django_db


def counter() -> RowCounter:
    return RowCounter(connections.all())


def writes(counted: RowCounter) -> dict[str, int | float]:
    return {part: value for part, value in values(counted).items() if part.startswith("rows_written")}


def test_writes_are_counted_by_table_and_verb() -> None:
    """One inserted, one updated and one deleted row each count under their table and verb."""
    first, second = customers(2)
    with counter() as counted:
        Customer.objects.create(name="c", email="c@rows.test")
        Customer.objects.filter(pk=first.pk).update(name="d")
        second.delete()
    assert writes(counted) == {f"rows_written orders_customer {verb}": 1 for verb in ("insert", "update", "delete")}


def test_reading_writes_nothing() -> None:
    """A read, whatever it returns, has no written rows."""
    customers(3)
    with counter() as counted:
        assert len(Customer.objects.all()) == 3
    assert writes(counted) == {}


def test_a_rolled_back_write_was_attempted() -> None:
    """A write that a savepoint takes back counts as attempted."""
    with counter() as counted, transaction.atomic():
        Customer.objects.create(name="c", email="c@rows.test")
        transaction.set_rollback(True)
    assert writes(counted) == {"rows_written orders_customer insert": 1}


def test_a_trigger_that_writes_elsewhere_is_counted_and_named() -> None:
    """Rows that a database trigger writes count, and the evidence names the trigger and the line that fired it."""
    (order,) = orders(1)
    plant_audit_trigger()
    queries = QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))
    with RowCounter(connections.all(), queries=queries) as counted, queries:
        Order.objects.filter(pk=order.pk).update(is_archived=True)
    assert values(counted)["rows_written audit_log insert"] == 1
    (count,) = (count for count in counted.counts() if count.part == "audit_log insert")
    assert count.evidence[0].text.startswith("1 row of audit_log inserted by trigger log_update on orders_order")
    assert count.evidence[0].source.endswith("in test_a_trigger_that_writes_elsewhere_is_counted_and_named")


def test_an_unconditional_update_shows_all_rows() -> None:
    """An UPDATE that lost its filter is one statement still, and as many rows as the table has."""
    rows = customers(5)
    seen = []
    for chosen in (Customer.objects.filter(pk=rows[0].pk), Customer.objects.all()):
        with counter() as counted:
            chosen.update(name="same")
        seen.append(values(counted)["rows_written orders_customer update"])
    assert seen == [1, 5]


@pytest.mark.postgres
def test_reads_are_counted_by_kind_of_scan() -> None:
    """A whole table and a row by key are told apart: sequential and index scans have parts of their own."""
    rows = customers(40)
    with counter() as counted:
        list(Customer.objects.all())
    assert values(counted) == {"rows_read orders_customer seq": 40}
    with counter() as counted, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        Customer.objects.get(pk=rows[0].pk)
    assert values(counted) == {"rows_read orders_customer index": 1}


@pytest.mark.postgres
def test_copy_past_django_is_counted() -> None:
    """Rows that COPY brings in on the driver's own cursor count, though no wrapper sees the statement."""
    statement = "COPY orders_customer (name, email, is_active, created_at) FROM STDIN"
    with counter() as counted, connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write_row(("a", "a@copy.test", True, "2026-01-01 00:00:00+00"))
    assert writes(counted) == {"rows_written orders_customer insert": 1}


@pytest.mark.postgres
def test_an_aborted_transaction_is_still_read() -> None:
    """A database error that the scenario swallows outside any savepoint does not lose what it attempted."""
    (customer,) = customers(1)
    statement = "INSERT INTO orders_customer (name, email, is_active, created_at) VALUES ('x', %s, true, now())"
    with (
        counter() as counted,
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="duplicate key"),
    ):
        cursor.execute(statement, [customer.email])
    assert writes(counted) == {"rows_written orders_customer insert": 1}
    assert Customer.objects.count() == 1


def test_nothing_is_left_behind() -> None:
    """After the block, settings, triggers and functions are as before, even when the block failed."""

    def state() -> object:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                return cursor.execute("SELECT name FROM sqlite_temp_master").fetchall()
            cursor.execute("SHOW enable_indexonlyscan")
            return cursor.fetchone()

    before = state()
    with pytest.raises(ZeroDivisionError), counter():
        raise ZeroDivisionError
    assert state() == before
    customers(1)


@pytest.mark.django_db(transaction=True)
def test_a_block_without_transaction_is_refused() -> None:
    """Outside `atomic()` the counter says what it needs instead of counting what nobody would undo."""
    with pytest.raises(CounterError, match=r"transaction\.atomic"), counter():
        pass


def test_rows_of_a_server_side_cursor_are_read() -> None:
    """`.iterator()` fetches through a named cursor of the server's; SQLite tells no reads."""
    customers(7)
    with counter() as counted:
        assert len(list(Customer.objects.order_by("name").iterator(chunk_size=2))) == 7
    reads = {part: value for part, value in values(counted).items() if part.startswith("rows_read")}
    assert reads == ({"rows_read orders_customer seq": 7} if connection.vendor == "postgresql" else {})
