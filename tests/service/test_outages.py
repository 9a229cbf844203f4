"""Outages of the database are 503 with Retry-After and one line of the log, wherever they are met."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from service.orders.models import Order
from service.outages import is_outage

PATHS = ["/api/orders/", "/api/orders/summary/", "/api/items/", "/api/customers/"]


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("connection refused"), True),
        (InterfaceError("the connection is closed"), True),
        (caused(InternalError("read-only"), psycopg.errors.ReadOnlySqlTransaction()), True),
        (caused(InternalError("aborted"), psycopg.errors.InFailedSqlTransaction()), False),
        (ProgrammingError("no such column"), False),
        (ValueError("no"), False),
        (None, False),
    ],
    ids=[
        "no connection",
        "a closed one",
        "a standby",
        "a mistake of ours",
        "another",
        "no error of a database",
        "none",
    ],
)
def test_an_outage_is_told_from_a_mistake(error: Exception | None, expected: bool) -> None:
    """What the database's state causes is an outage; what a statement causes stays a 500."""
    assert is_outage(error) is expected


@pytest.fixture
def broken() -> Any:
    """A context in which every statement fails for want of a server."""

    def refuse(*_: object) -> None:
        raise OperationalError('connection to server at "10.0.0.9" failed: Connection refused\n\tIs it running?')

    return connection.execute_wrapper(refuse)


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_an_outage_in_the_api_is_a_503(
    api: APIClient, broken: Any, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The API answers 503 in JSON without the driver's words, tells when to come back, and logs one line."""
    with broken, caplog.at_level(logging.WARNING):
        response = api.get(path)
    assert (response.status_code, response.json()) == (503, {"detail": "The service is temporarily unavailable."})
    assert response.headers["Retry-After"] == "1"
    (record,) = caplog.records
    assert record.getMessage().count("\n") == 0
    assert record.getMessage().startswith(f"503 GET '{path}': OperationalError")
    assert record.exc_info is None


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
def test_an_outage_in_a_middleware_is_a_503(broken: Any, settings: Any, debug: bool) -> None:
    """The admin's session is read before any view: its outage is a 503 too, also in development."""
    settings.DEBUG = debug
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("admin", "admin@rows.example", "password"))
    with broken:
        response = client.get("/admin/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert b"10.0.0.9" not in response.content


@pytest.mark.django_db
def test_what_waited_for_too_long_is_refused_before_any_work(api: APIClient, statements: Callable[[], Any]) -> None:
    """A request that the server kept in its queue for more than its time is a 503 without a statement."""
    with statements() as seen:
        late: dict[str, Any] = {"service.queued_s": 3.5}
        response = api.get("/api/orders/", **late)
    assert (response.status_code, response.headers["Retry-After"], seen) == (503, "1", [])
    soon: dict[str, Any] = {"service.queued_s": 0.2}
    assert api.get("/api/orders/", **soon).status_code == 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_held_too_long_is_a_503(api: APIClient, make_order: Callable[..., Order]) -> None:
    """A writer that waits for another's lock beyond lock_timeout is a 503, and writes nothing."""
    order = make_order(status="draft")
    holds, release = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order.pk)
            holds.set()
            release.wait(60)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    holds.wait(60)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")
        assert api.post(f"/api/orders/{order.pk}/cancel/").status_code == 503
    finally:
        release.set()
        holder.join()
        connection.close()
    order.refresh_from_db()
    assert order.status == "draft"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["a statement that takes too long", "a connection that was ended"])
def test_a_real_servers_refusals_are_503(api: APIClient, make_order: Callable[..., Order], how: str) -> None:
    """PostgreSQL's own errors become a 503, and the next request is served."""
    make_order()

    def interfere(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            if how.startswith("a statement"):
                cursor.execute("SET statement_timeout = 20")
                cursor.execute("SELECT pg_sleep(5)")
            else:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return execute(sql, params, many, context)

    # Here it is the driver that raises, and so Django's own translation of its errors is part of the test.
    with connection.execute_wrapper(lambda *args: _translated(interfere, *args)):
        assert api.get("/api/orders/").status_code == 503
    connection.close()
    assert api.get("/api/orders/").status_code == 200


def _translated(interfere: Callable[..., Any], *args: Any) -> Any:
    with connection.wrap_database_errors:
        return interfere(*args)


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_limits_are_on_by_default() -> None:
    """A connection of the service gives up on locks and statements before its server gives up on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("5s", "10s")
