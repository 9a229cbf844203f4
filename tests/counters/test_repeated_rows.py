"""Reads by a join to many rows are counted where a row can come several times, and nowhere else."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, Sum

from reglab.counters.listed_rows import REPEATED_ROWS, ListedRows
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order, OrderItem
from tests.counters.support import ROOT

pytestmark = pytest.mark.django_db
LINES = "orders_order × orders_orderitem"


def parts(read: Callable[[], object]) -> list[str]:
    """Return the parts that reading something counts."""
    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = ListedRows(queries=queries)
    with counter, queries:
        read()
    return [count.part for count in counter.counts() if count.metric is REPEATED_ROWS]


@pytest.mark.parametrize(
    ("read", "part"),
    [
        (lambda: list(Order.objects.filter(items__sku="S-1")), LINES),
        (lambda: list(Order.objects.filter(Q(status="paid") | Q(items__sku="S-1"))[:5]), LINES),
        (lambda: list(Order.objects.filter(items__pk__in=[1, 2]).iterator()), LINES),
        (lambda: list(Order.objects.order_by("items__sku")), LINES),
        (Order.objects.filter(items__quantity__gt=1).count, LINES),
        (lambda: list(Order.objects.filter(Q(items=None) | Q(items__sku="S-1"))), LINES),
        (lambda: list(Order.objects.filter(items__isnull=False)), LINES),
        (lambda: list(Customer.objects.filter(orders__items__sku="S-1")), "orders_customer × orders_order"),
        (
            lambda: list(OrderItem.objects.filter(order__customer__orders__status="paid")),
            "orders_orderitem × orders_order",
        ),
        (lambda: list(User.objects.filter(groups__name__startswith="s")), "auth_user × auth_user_groups"),
        (lambda: list(User.objects.filter(groups__in=[1, 2])), "auth_user × auth_user_groups"),
        # Django's documentation warns of these: each row of one join takes those of the other once more.
        (
            lambda: list(Order.objects.annotate(lines=Count("items")).filter(items__quantity__gt=1)),
            "orders_orderitem × orders_orderitem",
        ),
        (
            lambda: list(User.objects.filter(groups__name__startswith="a").annotate(rights=Count("user_permissions"))),
            "auth_user_user_permissions × auth_user_groups",
        ),
        (lambda: list(Order.objects.filter(items__sku="a").annotate(sum=Sum("total_cents"))), LINES),
    ],
)
def test_what_can_come_twice_is_counted(read: Callable[[], object], part: str) -> None:
    """A filter or an order over many, however far away, read as rows or as their number."""
    assert parts(read) == [part]


def test_the_line_that_filters_is_told() -> None:
    """A list is read elsewhere than it is filtered."""

    def read() -> None:
        orders = Order.objects.filter(items__sku="S-1")
        list(orders[:5])

    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = ListedRows(queries=queries)
    with counter, queries:
        read()
    line = read.__code__.co_firstlineno + 1
    (count,) = [count for count in counter.counts() if count.metric is REPEATED_ROWS]
    assert count.evidence[0].source.startswith(f"tests/counters/test_repeated_rows.py:{line} ")


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(Order.objects.filter(customer__email="a@example.test")),
        lambda: list(Order.objects.filter(items__sku="S-1").distinct()),
        lambda: list(Order.objects.filter(Exists(OrderItem.objects.filter(order=OuterRef("pk"), sku="S-1")))),
        lambda: list(Order.objects.filter(pk__in=Order.objects.filter(items__sku="S-1").values("pk"))),
        lambda: list(Order.objects.exclude(items__sku="S-1")),
        lambda: list(Order.objects.annotate(lines=Count("items", distinct=True)).filter(items__quantity__gt=1)),
        lambda: list(Customer.objects.annotate(lines=Count("orders__items"), bought=Count("orders", distinct=True))),
        lambda: list(Order.objects.filter(items__quantity__gt=1).annotate(lines=Count("pk"))),
        # One line has one order; each row is shown with its own.
        lambda: list(Order.objects.filter(items__pk=1)),
        lambda: list(Order.objects.filter(items=1)),
        lambda: list(Order.objects.annotate(sku=F("items__sku"))),
        lambda: list(Order.objects.order_by("customer__email", "-pk")),
        # Rows without any of the others: none is there to repeat them.
        lambda: list(Customer.objects.filter(orders__isnull=True)),
        lambda: list(Customer.objects.filter(orders=None, is_active=True)),
        Order.objects.order_by("items__sku").count,
        lambda: list(Order.objects.values("pk", "items__sku")),
        lambda: set(Order.objects.filter(items__sku="S-1").values_list("pk", flat=True)),
        Order.objects.filter(items__sku="S-1").exists,
        Order.objects.filter(items__sku="S-1").first,
        # A pair of many to many is there once, and a unique name names one.
        lambda: list(User.objects.filter(groups=1)),
        lambda: list(User.objects.filter(groups__name="staff")),
        lambda: list(Group.objects.get_or_create(name="staff")[0].user_set.all()),
        lambda: list(User.objects.alias(one=FilteredRelation("groups", condition=Q(groups=1))).filter(one=None)),
    ],
)
def test_what_comes_once_is_not(read: Callable[[], object]) -> None:
    """Put together, held to one row, shown of the joined rows, asked for as a set, or read alone."""
    assert parts(read) == []


def test_prefetched_rows_belong_to_one_row_each() -> None:
    """Django itself reads a row of many to many once for each row that has it."""
    group = Group.objects.create(name="staff")
    group.permissions.add(Permission.objects.all()[0])
    readers = Prefetch("permissions", Permission.objects.select_related("content_type"))
    assert parts(lambda: list(Group.objects.prefetch_related(readers, "user_set"))) == []
