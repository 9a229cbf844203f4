"""Pages out of an order with ties are counted; whole lists, unique orders and single rows are not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Count, F, QuerySet

from reglab.counters.listed_rows import UNSTABLE_PAGES, ListedRows
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order, OrderItem
from tests.counters.support import ROOT

pytestmark = pytest.mark.django_db


def parts(read: Callable[[], object]) -> list[str]:
    """Return the parts that reading something counts."""
    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = ListedRows(queries=queries)
    with counter, queries:
        read()
    return [count.part for count in counter.counts() if count.metric is UNSTABLE_PAGES]


def by_time() -> QuerySet[Order, Any]:
    """Return orders in an order that two of one moment do not have."""
    return Order.objects.order_by("-created_at")


@pytest.mark.parametrize(
    ("read", "part"),
    [
        (lambda: list(by_time()[:5]), "orders_order: created_at"),
        (lambda: list(Order.objects.order_by(F("created_at").desc())[2:4]), "orders_order: created_at"),
        (lambda: list(Order.objects.order_by("customer__id")[:5]), "orders_order: customer__id"),
        (lambda: list(OrderItem.objects.order_by()[:5]), "orders_orderitem: no order"),
        (lambda: list(Order.objects.order_by().annotate(lines=Count("items"))[:5]), "orders_order: no order"),
        # Where rows are grouped, Django leaves the order of the model's own Meta out.
        (lambda: list(Permission.objects.annotate(groups=Count("group"))[:5]), "auth_permission: no order"),
        (lambda: list(by_time().select_related("customer")[:5].iterator()), "orders_order: created_at"),
        (
            lambda: list(Order.objects.values("customer").annotate(orders=Count("*")).order_by("-orders")[:5]),
            "orders_order: orders",
        ),
    ],
)
def test_a_page_in_an_order_with_ties_is_counted(read: Callable[[], object], part: str) -> None:
    """A slice of what two rows can share, by whichever way it was written."""
    assert parts(read) == [part]


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(by_time()),
        by_time()[:5].count,
        by_time()[:5].exists,
        lambda: list(Order.objects.order_by("-created_at", "-pk")[:5]),
        lambda: list(Order.objects.order_by("created_at", F("id").asc())[:5]),
        lambda: list(Order.objects.order_by("?")[:5]),
        lambda: Customer.objects.filter(email="nobody@example.test").first(),
        lambda: Customer.objects.filter(pk=1).exists(),
        lambda: list(Order.objects.values("customer").annotate(orders=Count("*")).order_by("-orders", "customer")[:5]),
        lambda: list(Order.objects.filter(pk__in=Order.objects.order_by("created_at").values("pk")[:5])),
    ],
)
def test_what_has_one_order_or_no_page_is_not(read: Callable[[], object]) -> None:
    """Whole lists, counts, unique orders, chance that is meant, and single rows."""
    assert parts(read) == []


def test_one_row_by_its_key_minds_no_order() -> None:
    """`get()` reads a few more rows than one, to tell whether there are too many: that is no page."""
    customer = Customer.objects.create(name="Ann", email="ann@example.test")
    assert parts(lambda: Customer.objects.order_by("name").get(email=customer.email)) == []
