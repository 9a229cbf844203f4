"""The raw-statement counter: what goes past Django's wrapper, on both drivers."""

import threading

import pytest
from django.db import connection, connections, transaction

from reglab.counters.queries import QueryCounter
from reglab.counters.raw_statements import RawStatementCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer
from tests.counters.support import ROOT, customers, values

pytestmark = pytest.mark.django_db

FRAMES = ProjectFrames(base=ROOT)


def counter() -> RawStatementCounter:
    return RawStatementCounter(connections.all(), frames=FRAMES)


def placeholder() -> str:
    return "?" if connection.vendor == "sqlite" else "%s"


def test_statements_of_django_are_not_raw() -> None:
    """What goes through the ORM or Django's cursors counts as a query and not here, savepoints and all."""
    with QueryCounter(connections.all(), frames=FRAMES) as queries, counter() as counted:
        customers(2)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.executemany("UPDATE orders_customer SET name = %s", [("a",), ("b",)])
        with transaction.atomic():
            list(Customer.objects.iterator())
    assert values(counted) == {"raw_statements": 0}
    assert values(queries)["queries"] == 6


def test_a_raw_cursor_in_a_loop_is_counted_with_its_line() -> None:
    """Each statement on the driver's own cursor counts, and the evidence names the line that sent them."""
    with QueryCounter(connections.all(), frames=FRAMES) as queries, counter() as counted:
        for _ in range(3):
            connection.connection.cursor().execute("SELECT count(*) FROM orders_customer")
    assert values(counted) == {"raw_statements": 3}
    assert values(queries)["queries"] == 0
    (evidence,) = counted.counts()[0].evidence
    assert (evidence.count, evidence.table) == (3, "orders_customer")
    assert evidence.source.endswith("in test_a_raw_cursor_in_a_loop_is_counted_with_its_line")


def test_the_connections_shortcut_and_executemany_are_counted() -> None:
    """A statement on the connection itself counts once, and executemany a row at a time."""
    statement = f"UPDATE orders_customer SET name = {placeholder()}"  # noqa: S608
    with counter() as counted:
        connection.connection.execute("SELECT 1")
        connection.connection.cursor().executemany(statement, [("a",), ("b",)])
    assert values(counted) == {"raw_statements": 3}


def test_the_result_of_a_raw_statement_is_unchanged() -> None:
    """The recording cursor answers as the driver's own does."""
    customers(2)
    with counter():
        cursor = connection.connection.cursor()
        cursor.execute("SELECT count(*) FROM orders_customer")
        assert cursor.fetchone() == (2,)


@pytest.mark.postgres
def test_copy_is_one_raw_statement() -> None:
    """COPY on the driver's cursor is one statement, whatever number of rows it brings."""
    statement = "COPY orders_customer (name, email, is_active, created_at) FROM STDIN"
    with counter() as counted, connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for index in range(5):
            copy.write_row(("a", f"{index}@copy.test", True, "2026-01-01 00:00:00+00"))
    assert values(counted) == {"raw_statements": 1}
    assert Customer.objects.count() == 5


def test_the_drivers_connection_is_put_back() -> None:
    """After the block the driver's connection and its cursor classes are as before, even when the block failed."""

    def state() -> object:
        driver = connection.connection
        return driver, getattr(driver, "cursor_factory", None), getattr(driver, "server_cursor_factory", None)

    before = state()
    with pytest.raises(ZeroDivisionError), counter():
        raise ZeroDivisionError
    assert state() == before
    assert connection.execute_wrappers == []


@pytest.mark.postgres
def test_a_connection_of_another_thread_is_reported_as_not_seen() -> None:
    """Work on another thread's connection is said once, whether the server has let go of its session yet or not."""
    worked, closing = threading.Event(), threading.Event()

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        worked.set()
        closing.wait()
        connection.close()

    with counter() as counted:
        thread = threading.Thread(target=work)
        thread.start()
        worked.wait()
    closing.set()
    thread.join()
    assert values(counted) == {"raw_statements": 0}
    assert counted.not_seen == (
        "A connection to 'default' was opened in another thread. Its statements are not counted.",
    )


@pytest.mark.postgres
def test_another_session_at_work_is_reported_and_an_idle_one_is_not() -> None:
    """A session that was there before and runs a statement meanwhile is told; one that rests is nothing to tell."""
    import psycopg

    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None, "context": None}) as other:
        other.execute("SELECT 1")
        with counter() as idle:
            pass
        with counter() as busy:
            other.execute("SELECT 2")
    assert idle.not_seen == ()
    assert len(busy.not_seen) == 1
    assert busy.not_seen[0].startswith("1 other session(s) of the database 'default' ran statements meanwhile.")
