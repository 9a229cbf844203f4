"""Blocking is what PostgreSQL says it is: seen between two connections, gone when the lock is."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

from reglab.race.scheduling.locks import DatabaseLocks, end_backends
from reglab.race.scheduling.scheduler import Side
from service.orders.models import Customer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LOCK = "SELECT 1 FROM orders_customer FOR UPDATE"


def side_of(number: int, client: "psycopg.Connection[Any]") -> Side:
    return Side(number=number, pids={"default": client.info.backend_pid})


def until(condition: Callable[[], bool], thread: threading.Thread) -> None:
    """Wait for a condition; a thread that ends without it is a failure."""
    while not condition():
        assert thread.is_alive(), "the statement ended without waiting"


@pytest.fixture
def clients() -> Any:
    """Two connections of nobody's but the test's."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in _PSYCOPG}
    with psycopg.connect(**parameters) as holder, psycopg.connect(**parameters) as waiter:
        yield holder, waiter


_PSYCOPG = {"dbname", "user", "password", "host", "port"}


def test_a_statement_that_waits_for_a_row_is_seen_and_seen_to_end(clients: Any) -> None:
    """The waiting side is held up by the holder, never the other way round, and no longer when the row is free."""
    holder, waiter = clients
    holding, waiting = side_of(0, holder), side_of(1, waiter)
    locks = DatabaseLocks()
    holder.execute(LOCK)
    assert not locks.holds_up(waiting=waiting, holder=holding)
    thread = threading.Thread(target=waiter.execute, args=(LOCK,))
    thread.start()
    until(lambda: locks.holds_up(waiting=waiting, holder=holding), thread)
    assert not locks.holds_up(waiting=holding, holder=waiting)
    holder.rollback()
    thread.join()
    assert not locks.holds_up(waiting=waiting, holder=holding)


def test_a_backend_that_is_ended_lets_its_client_go(clients: Any) -> None:
    """Whatever a hung side waits for in the database, ending its backend ends the wait."""
    holder, waiter = clients
    holder.execute(LOCK)
    errors: list[str] = []

    def wait() -> None:
        try:
            waiter.execute(LOCK)
        except psycopg.Error as error:
            errors.append(error.sqlstate or "")

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: DatabaseLocks().holds_up(waiting=side_of(1, waiter), holder=side_of(0, holder)), thread)
    end_backends([side_of(1, waiter)])
    thread.join()
    assert errors == ["57P01"]
