"""Rows that are locked in an order with ties are counted; one row, and an order that is unique, are not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from reglab.counters.listed_rows import UNORDERED_LOCKS, ListedRows
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order, OrderItem
from tests.counters.support import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def counted(read: Callable[[], object]) -> list[tuple[str, str]]:
    """Return the parts that reading something counts, each with the file of its line."""
    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = ListedRows(queries=queries)
    with counter, queries, transaction.atomic():
        read()
    found = [count for count in counter.counts() if count.metric is UNORDERED_LOCKS]
    return [(count.part, count.evidence[0].source.partition(":")[0]) for count in found]


def locked(**options: Any) -> QuerySet[Order, Any]:
    """Return orders that are locked when they are read, in no order."""
    return Order.objects.order_by().select_for_update(**options)


@pytest.mark.parametrize(
    ("read", "part"),
    [
        (lambda: list(locked().filter(pk__in=[1, 2])), "orders_order: no order"),
        (lambda: list(locked(no_key=True).filter(pk__in={1}).values_list("pk", flat=True)), "orders_order: no order"),
        (lambda: list(locked().filter(customer_id=1).order_by("status")), "orders_order: status"),
        (lambda: list(locked().filter(customer__id=1)[:5]), "orders_order: no order"),
    ],
)
def test_several_rows_in_no_certain_order_are_counted(read: Callable[[], object], part: str) -> None:
    """Whether one row or many fit today: the statement may lock several. The line is the one that decides on them."""
    assert counted(read) == [(part, "tests/counters/test_lock_order.py")]


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(locked().filter(pk__in=[1, 2]).order_by("pk")),
        lambda: list(locked().filter(customer_id=1).order_by("status", "id")),
        lambda: locked().filter(pk=1).first(),
        lambda: list(locked().filter(pk=1)),
        lambda: list(Customer.objects.select_for_update().filter(email="ann@rows.example")),
        lambda: list(locked(skip_locked=True).filter(status="paid")),
        lambda: list(locked(nowait=True).filter(status="paid")),
        lambda: list(OrderItem.objects.filter(order_id__in=[1, 2])),
    ],
)
def test_what_cannot_wait_crosswise_is_not_counted(read: Callable[[], object]) -> None:
    """One row, a unique order, rows that are skipped or refused where they are locked, and rows without a lock."""
    assert counted(read) == []
