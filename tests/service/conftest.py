"""Shared ground of the service's tests: a client that sees a 500 as a response, rows, and counted queries."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import coverage
import pytest
from django.db import connection
from django.urls import get_resolver
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem
from tests.service.endpoints import Sender

TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
ONE_LINE = ((1, 100),)
ROOT = Path(__file__).parents[2]


class Statements(list[str]):
    """The SQL of the statements that ran, in order, transaction control left out."""

    def record(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Note a statement and execute it: a wrapper for `execute_wrapper`."""
        if not sql.startswith(TRANSACTION_CONTROL):
            self.append(sql)
        return execute(sql, params, many, context)


@pytest.fixture(scope="session", autouse=True)
def paths_of_the_settings() -> None:
    """Read the paths before a test has settings of its own: they are read once, by whatever asks first."""
    get_resolver().url_patterns  # noqa: B018  # it is read by being asked for


@pytest.fixture(scope="module", autouse=True)
def children_are_measured() -> Iterator[None]:
    """Measure the coverage of commands and servers that these tests start, where their own is measured.

    The tests of other folders count what Python does in their children, and must not be measured.
    """
    measured = coverage.Coverage.current()
    with pytest.MonkeyPatch.context() as patch:
        if measured:
            patch.setenv("COVERAGE_PROCESS_START", str(Path(__file__).with_name("coverage-of-children.toml")))
            patch.setenv("COVERAGE_FILE", str(Path(str(measured.get_option("run:data_file") or ".coverage")).resolve()))
        yield


@pytest.fixture
def api() -> APIClient:
    """A JSON client for which an unhandled exception is a 500, as it is for a real one."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def statements() -> Callable[[], Any]:
    """A context manager whose value lists the statements executed inside."""

    @contextmanager
    def capture() -> Iterator[Statements]:
        seen = Statements()
        with connection.execute_wrapper(seen.record):
            yield seen

    return capture


@pytest.fixture
def make_customer(db: None) -> Callable[..., Customer]:
    """A function that inserts a customer with an address of its own."""
    numbers = count(1)

    def make(**values: Any) -> Customer:
        number = next(numbers)
        return Customer.objects.create(**{"name": f"Customer {number}", "email": f"c{number}@rows.example", **values})

    return make


@pytest.fixture
def make_order(make_customer: Callable[..., Customer]) -> Callable[..., Order]:
    """A function that inserts an order with lines of (quantity, unit price in cents)."""

    def make(*, lines: Sequence[tuple[int, int]] = ONE_LINE, **values: Any) -> Order:
        customer = values.pop("customer", None) or make_customer()
        order = Order.objects.create(customer=customer, **values)
        for number, (quantity, price) in enumerate(lines):
            OrderItem.objects.create(order=order, sku=f"SKU-{number}", quantity=quantity, unit_price_cents=price)
        order.refresh_from_db()
        return order

    return make


@pytest.fixture
def sender(api: APIClient, make_order: Callable[..., Order]) -> Sender:
    """A sender whose placeholders are an order, its customer and its line."""
    order = make_order()
    return Sender(api, {"order": order.pk, "customer": order.customer_id, "item": order.items.get().pk})
