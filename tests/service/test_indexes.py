"""Every query of the API has an index that can serve it: PostgreSQL's own plans, with sequential scans discouraged."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from service.orders import selectors
from service.orders.models import Customer, Order, OrderItem
from service.orders.seeding import SeedSize, seed

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def _rows() -> None:
    """Enough rows for plans that mean something."""
    seed(SeedSize(customers=200, orders_per_customer=5, items_per_order=2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_customer, orders_order, orders_orderitem")


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for child in plan.get("Plans", []) for inner in nodes(child))]


def plan_of(run: Callable[[], Any], *, without: tuple[str, ...] = ("seqscan",)) -> list[dict[str, Any]]:
    """The nodes of the plans of the statements that `run` sends."""
    found: list[dict[str, Any]] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (answer,) = cursor.fetchone()
        plans = answer if isinstance(answer, list) else json.loads(answer)
        found.extend(node for plan in plans for node in nodes(plan["Plan"]))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        for kind in without:
            cursor.execute(f"SET LOCAL enable_{kind} = off")
    with connection.execute_wrapper(explain):
        run()
    return found


def indexes(found: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in found if "Index Name" in node}


def scanned(found: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"}


QUERIES: list[tuple[str, Callable[[], Any], str]] = [
    (
        "newest orders",
        lambda: list(Order.objects.filter(is_archived=False).order_by("-created_at", "-pk")[:20]),
        "order_listed_newest",
    ),
    (
        "orders of a status",
        lambda: list(Order.objects.filter(is_archived=False, status="shipped").order_by("-created_at", "-pk")[:20]),
        "order_listed_status",
    ),
    (
        "a customer's orders",
        lambda: list(selectors.listed_orders().filter(customer=Customer.objects.earliest("pk"))[:20]),
        "order_customer_newest",
    ),
    ("has the customer orders", lambda: bool(Customer.objects.earliest("pk").orders.exists()), "order_customer_newest"),
    ("the summary", partial(selectors.top_customers, limit=50), "order_paid"),
    (
        "an address in any case",
        lambda: list(Customer.objects.filter(email__icontains="customer-17.")),
        "customer_email_trigram",
    ),
    (
        "a whole address in any case",
        lambda: list(Customer.objects.filter(email__icontains=Customer.objects.latest("pk").email.upper())),
        "customer_email_before_at",
    ),
    (
        "an order's lines",
        lambda: list(OrderItem.objects.filter(order=Order.objects.earliest("pk"))),
        "orders_orderitem_order_id",
    ),
]


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize(("run", "index"), [query[1:] for query in QUERIES], ids=[query[0] for query in QUERIES])
def test_an_index_serves_the_query(run: Callable[[], Any], index: str) -> None:
    """The plan reads through the index made for the query, and scans no table."""
    found = plan_of(run)
    assert any(name.startswith(index) for name in indexes(found)), indexes(found)
    assert scanned(found) == set()


@pytest.mark.usefixtures("_rows")
def test_the_lists_email_filter_uses_the_trigram_index() -> None:
    """The expression that the API's own filter emits is the one that the index holds."""
    from service.orders.filters import OrderFilter

    narrowed: QuerySet[Order] = OrderFilter({"email": "customer-17."}, queryset=selectors.listed_orders()).qs
    found = plan_of(lambda: list(narrowed), without=("seqscan", "indexscan", "indexonlyscan", "nestloop"))
    assert "customer_email_trigram" in indexes(found)


@pytest.mark.usefixtures("_rows")
def test_without_its_index_a_query_scans() -> None:
    """The proof can fail: with the trigram index gone, the very same query scans the table."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX customer_email_trigram")
    found = plan_of(lambda: list(Customer.objects.filter(email__icontains="customer-17.")))
    assert scanned(found) == {"orders_customer"}
