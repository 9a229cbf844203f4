"""Sends the same requests to databases of several sizes in turn, and their statements alone to the driver."""

import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote, urlencode

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem

ORDERS_PER_CUSTOMER = 5
TABLES = ("orders_customer", "orders_order", "orders_orderitem")
LINE = {"sku": "A", "quantity": 1, "unit_price_cents": 100}
LIMIT = 1.5
BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A request, for any database; `is_bounded` is whether it must cost the same beside more rows."""

    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    is_bounded: bool = True


def measure(urls: Mapping[int, str], *, rounds: int, items_per_order: int) -> None:
    """Fill the databases, and print the figures."""
    databases = {orders: _connection(url) for orders, url in urls.items()}
    for orders, database in databases.items():
        with _using(database):
            _fill(orders, items_per_order=items_per_order)
    kinds = {orders: _kinds(database) for orders, database in databases.items()}
    first, *others = databases
    print("\n| request | " + " | ".join(f"{orders:,} orders, ms | raw SQL, ms" for orders in databases) + " | ratio |")
    print("|---|" + "---:|" * (2 * len(databases) + 1))
    for place, kind in enumerate(kinds[first]):
        found = {orders: _Times() for orders in databases}
        for number in range(-2, rounds if kind.is_bounded else max(rounds // 3, 5)):
            for orders, database in databases.items():
                with _using(database):
                    _once(kinds[orders][place], found[orders] if number >= 0 else _Times())
        cells = [f"{median(times.requests):.1f} | {median(times.statements):.1f}" for times in found.values()]
        ratio = max((median(found[orders].requests) / median(found[first].requests) for orders in others), default=1.0)
        mark = "" if ratio <= LIMIT or not kind.is_bounded else " (beyond 1.5)"
        print(f"| {kind.name} | {' | '.join(cells)} | {ratio:.2f}{mark} |", flush=True)


class _Times:
    def __init__(self) -> None:
        self.requests: list[float] = []
        self.statements: list[float] = []


def _connection(url: str) -> BaseDatabaseWrapper:
    import dj_database_url

    database = connections.create_connection(DEFAULT_DB_ALIAS)
    name = dj_database_url.parse(url)["NAME"]
    database.settings_dict = {**database.settings_dict, "NAME": name}
    return database


@contextmanager
def _using(database: BaseDatabaseWrapper) -> Iterator[None]:
    connections[DEFAULT_DB_ALIAS] = database
    yield


def _fill(orders: int, *, items_per_order: int) -> None:
    call_command("migrate", verbosity=0)
    customers = orders // ORDERS_PER_CUSTOMER
    sizes = {"orders_per_customer": ORDERS_PER_CUSTOMER, "items_per_order": items_per_order}
    seconds = _timed(lambda: call_command("seed", customers=customers, stdout=sys.stderr, **sizes))
    print(f"{orders:,} orders with {items_per_order} lines each: `manage.py seed` {seconds:.1f} s", flush=True)
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        size = _bare_copy(cursor)
        print(f"the same rows by bare COPY {size:.1f} s: {seconds / size:.2f} x", flush=True)
        cursor.execute("VACUUM (ANALYZE) orders_customer, orders_order, orders_orderitem")
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        print(f"database: {cursor.fetchone()[0]}", flush=True)


def _bare_copy(cursor: Any) -> float:
    """Write all rows into files, empty the tables, and return the seconds of COPY alone from those files."""
    with ExitStack() as stack:
        files = {table: stack.enter_context(TemporaryFile()) for table in TABLES}
        for table, file in files.items():
            with cursor.cursor.copy(f"COPY {table} TO STDOUT") as stream:
                file.writelines(stream)
            file.seek(0)
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")

        def copy() -> None:
            for table, file in files.items():
                with transaction.atomic(), cursor.cursor.copy(f"COPY {table} FROM STDIN") as stream:
                    while block := file.read(BLOCK_BYTES):
                        stream.write(block)

        return _timed(copy)


def _kinds(database: BaseDatabaseWrapper) -> list[Kind]:
    with _using(database):
        customer = Customer.objects.filter(orders__is_archived=False).order_by("pk")[100]
        order = Order.objects.filter(customer=customer, is_archived=False).exclude(status="cancelled").first()
        middle = Order.objects.order_by("pk")[Order.objects.count() // 2]
        item = OrderItem.objects.filter(order=order).first()
        visible = Order.objects.filter(is_archived=False).count()
    assert order is not None and item is not None  # noqa: S101, PT018  # the seed made them
    cursor = quote(b64encode(urlencode({"p": str(middle.created_at)}).encode()).decode())
    return [
        Kind(name="list, first page", method="GET", path="/api/orders/"),
        Kind(name="list by status", method="GET", path="/api/orders/?status=paid"),
        Kind(name="list by cursor, first page", method="GET", path="/api/orders/?cursor="),
        Kind(name="list by cursor, in the middle", method="GET", path=f"/api/orders/?cursor={cursor}"),
        Kind(name="search of a whole address", method="GET", path=f"/api/orders/?email={customer.email}"),
        Kind(name="detail", method="GET", path=f"/api/orders/{order.pk}/"),
        Kind(name="a customer's orders", method="GET", path=f"/api/customers/{customer.pk}/orders/"),
        Kind(name="customers, first page", method="GET", path="/api/customers/"),
        Kind(name="items, first page", method="GET", path="/api/items/"),
        Kind(
            name="create an order",
            method="POST",
            path="/api/orders/",
            body={"customer": customer.pk, "items": [LINE, LINE]},
        ),
        Kind(name="change an order", method="PATCH", path=f"/api/orders/{order.pk}/", body={"status": "shipped"}),
        Kind(name="cancel an order", method="POST", path=f"/api/orders/{order.pk}/cancel/"),
        Kind(name="create an item", method="POST", path="/api/items/", body={"order": order.pk, **LINE}),
        Kind(name="change an item", method="PATCH", path=f"/api/items/{item.pk}/", body={"quantity": 5}),
        Kind(name="delete an item", method="DELETE", path=f"/api/items/{item.pk}/"),
        Kind(name="search of a fragment", method="GET", path="/api/orders/?email=omer-1", is_bounded=False),
        Kind(
            name="list, last page by number",
            method="GET",
            path=f"/api/orders/?page={-(-visible // 20)}",
            is_bounded=False,
        ),
        Kind(name="summary", method="GET", path="/api/orders/summary/", is_bounded=False),
    ]


def _once(kind: Kind, times: _Times) -> None:
    database = connections[DEFAULT_DB_ALIAS]
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, many, context)

    client = APIClient()
    with _taken_back():
        started = time.perf_counter()
        answer = client.generic(kind.method, kind.path, *_body(kind))
        times.requests.append((time.perf_counter() - started) * 1000)
    if answer.status_code >= 300:
        raise RuntimeError(f"{kind.name}: {answer.status_code} {answer.content[:200]!r}")
    # A second time with its statements noted, and then those alone.
    with _taken_back(), database.execute_wrapper(note):
        client.generic(kind.method, kind.path, *_body(kind))
    if kind.method != "GET":
        # Statements of a write depend on each other's answers: the floor is the reads' alone.
        times.statements.append(float("nan"))
        return
    connection: Any = database.connection
    with connection.cursor() as cursor:
        started = time.perf_counter()
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()
        times.statements.append((time.perf_counter() - started) * 1000)


def _body(kind: Kind) -> tuple[Any, ...]:
    import json

    return ("" if kind.body is None else json.dumps(kind.body), "application/json")


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
