"""The index oracle: on twenty rows it knows which predicate no index serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.models import CharField, F, Field, IntegerField, Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from reglab.counters.index_oracle import IndexOracle
from reglab.counters.queries import QueryCounter
from reglab.counters.scans.unserved import Scan
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order, OrderItem
from tests.counters.support import ROOT, customers, values

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def twenty_rows() -> None:
    """Twenty customers with an order and a line each: two pages at most."""
    for index, customer in enumerate(customers(20)):
        order = Order.objects.create(customer=customer, status=("draft", "paid", "shipped", "cancelled")[index % 4])
        OrderItem.objects.create(order=order, sku="A", quantity=1, unit_price_cents=index)
    # Deferred checks that are still to come would keep PostgreSQL from changing an index.
    connection.check_constraints()


def analyzed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def asked(*queries: Callable[[], object]) -> IndexOracle:
    analyzed()
    recorded = QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))
    with IndexOracle(connections.all(), queries=recorded) as oracle, recorded:
        for query in queries:
            query()
    return oracle


def found(rows: Callable[[], Iterable[object]]) -> dict[str, int | float]:
    return values(asked(lambda: list(rows())))


def newest() -> QuerySet[Order]:
    return Order.objects.filter(is_archived=False).order_by("-created_at", "-id")


def drop(index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")


def test_served_predicates_have_no_finding() -> None:
    """Keys, foreign keys, unique columns and indexed pages are served, though the default plan would scan the table."""
    one = Order.objects.earliest("pk")
    oracle = asked(
        lambda: Order.objects.select_related("customer").get(pk=one.pk),
        lambda: list(OrderItem.objects.filter(order__in=[one.pk, one.pk + 1, one.pk + 2])),
        lambda: Customer.objects.annotate(low=Lower("email")).filter(low="3@counters.test").exists(),
        lambda: list(newest().filter(status="paid")[:20]),
        lambda: list(newest()[:20]),
        lambda: Order.objects.filter(pk=one.pk).update(status="paid"),
    )
    assert values(oracle) == {}
    assert oracle.unexplained == ()


def test_a_dropped_status_index_is_found() -> None:
    """Without the index on status, the page by status walks the index of all orders: the predicate is not served."""
    drop("order_listed_status")
    assert "unindexed_scans orders_order: status" in found(lambda: newest().filter(status="draft")[:20])


@pytest.mark.postgres
def test_the_trigram_index_serves_and_its_loss_is_found() -> None:
    """A contains-search is served by the trigram index, however few rows there are, and by nothing else."""

    def query() -> QuerySet[Customer]:
        return Customer.objects.filter(email__icontains="counters.t")

    assert found(query) == {}
    drop("customer_email_trigram")
    oracle = asked(lambda: list(query()))
    assert values(oracle) == {"unindexed_scans orders_customer: email": 1}
    assert "a trigram index (pg_trgm)" in oracle.counts()[0].evidence[0].text


def test_a_function_on_a_filtered_column_is_found() -> None:
    """A plain index on a column does not serve a function of it."""
    oracle = asked(lambda: list(OrderItem.objects.annotate(low=Lower("sku")).filter(low="a-1")))
    assert values(oracle) == {"unindexed_scans orders_orderitem: sku": 1}
    evidence = oracle.counts()[0].evidence[0]
    assert evidence.source.endswith("in test_a_function_on_a_filtered_column_is_found.<locals>.<lambda>")


def test_an_unindexed_column_is_found_and_named() -> None:
    """A filter on a column without an index names table, column and advice."""
    oracle = asked(lambda: list(OrderItem.objects.filter(unit_price_cents=3)))
    (count,) = oracle.counts()
    assert (count.part, count.value) == ("orders_orderitem: unit_price_cents", 1)
    assert "no index of orders_orderitem serves (unit_price_cents)" in count.evidence[0].text
    assert "an index beginning with unit_price_cents would" in count.evidence[0].text


def test_a_walk_over_another_index_does_not_serve() -> None:
    """Sorting by key with a limit walks the key's index; the predicate is as unserved as before."""
    assert found(lambda: Customer.objects.filter(name="Customer 3").order_by("pk")[:5]) == {
        "unindexed_scans orders_customer: name": 1
    }


def test_a_whole_table_has_a_part_of_its_own() -> None:
    """Reading a table on purpose is another thing than a predicate without an index; a limited page is neither."""
    assert found(Customer.objects.all) == {"unindexed_scans orders_customer: whole table": 1}
    assert found(lambda: Customer.objects.order_by("pk")[:5]) == {}


def test_one_statement_counts_once_however_often_it_runs() -> None:
    """The count is of distinct statements, so that it does not grow with the data."""

    def run(times: int) -> dict[str, int | float]:
        return found(lambda: [row for _ in range(times) for row in OrderItem.objects.filter(unit_price_cents=3)])

    assert run(1) == run(4)


@pytest.mark.postgres
def test_a_join_without_an_index_is_found() -> None:
    """A join over a column without an index reads a whole table for it, and says over which column."""
    query = lambda: OrderItem.objects.filter(order__status="paid", order__is_archived=False)  # noqa: E731
    assert found(query) == {}
    drop("orders_orderitem_order_id_fe61a34d")
    assert found(query) == {"unindexed_scans orders_orderitem: order_id": 1}


@pytest.mark.postgres
def test_an_index_that_is_not_entered_by_its_first_column_does_not_serve() -> None:
    """A condition on an index's second column reads that index from end to end."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX second ON orders_orderitem (quantity, unit_price_cents)")
    assert found(lambda: OrderItem.objects.filter(unit_price_cents=3)) == {
        "unindexed_scans orders_orderitem: unit_price_cents": 1
    }
    assert found(lambda: OrderItem.objects.filter(quantity=7, unit_price_cents=3)) == {}


def test_asking_leaves_no_trace() -> None:
    """After the block the planner's settings and the table statistics are as before."""

    def state() -> object:
        if connection.vendor == "sqlite":
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples, current_setting('enable_seqscan') FROM pg_class WHERE relname LIKE 'orders_%'"
            )
            return sorted(cursor.fetchall())

    analyzed()
    before = state()
    assert found(lambda: OrderItem.objects.filter(unit_price_cents=3))
    assert state() == before


@pytest.mark.parametrize(
    ("columns", "predicate", "advice"),
    [
        (("status",), "(status <> 'gone'::text)", "no index serves <>: ask for the values of status"),
        (("status",), "(status = 'a <> b'::text)", "an index beginning with status would"),
        (("made", "status"), "((status <> 4) AND (made >= '2026-05-16'::date))", "an index beginning with made would"),
        (("made", "status"), "((made >= '2026'::date) AND (status = 'a'::text))", "beginning with status, made would"),
        (
            ("email",),
            "((((email)::text <> ''::text) OR (email IS NULL)) AND ((email)::text = 'a AND b'::text))",
            "an index beginning with email would",
        ),
        (("owner_id", "shared"), "(shared OR (owner_id = 1))", "an index on each of owner_id, shared would"),
        (
            ("owner_id", "status"),
            "((owner_id = 1) AND ((status = 1) OR (status = 2)))",
            "an index beginning with owner_id, status would",
        ),
        (("name",), "(upper((name)::text) = 'A'::text)", "an index on that expression of name"),
    ],
)
def test_an_index_is_advised_for_what_it_can_be_entered_with(
    columns: tuple[str, ...], predicate: str, advice: str
) -> None:
    """Of conditions that all have to hold, those that an index can be entered with; each of two alternatives."""
    assert advice in Scan(table="book", columns=columns, predicate=predicate)._suggestion()


def test_flags_alone_ask_for_no_index() -> None:
    """An index of true and false chooses most rows or few: it is a read of the whole table, and a page is served."""
    assert found(lambda: Customer.objects.filter(is_active=True).order_by("name")) == {
        "unindexed_scans orders_customer: whole table": 1
    }
    assert found(lambda: Customer.objects.filter(is_active=True).order_by("pk")[:5]) == {}
    assert found(lambda: Customer.objects.filter(is_active=True, name="Customer 3")) == {
        "unindexed_scans orders_customer: is_active, name": 1
    }


def test_whether_a_value_is_there_asks_for_no_index() -> None:
    """A date of deletion is a flag where it is only asked whether there is one: most rows have none."""
    users = get_user_model()
    users.objects.bulk_create(users(username=f"user-{number}") for number in range(8))
    never = users.objects.filter(last_login__isnull=True)
    assert found(lambda: never.order_by("first_name")) == {"unindexed_scans auth_user: whole table": 1}
    assert found(lambda: never.order_by("pk")[:5]) == {}
    assert found(lambda: never.filter(first_name="Ann")) == {"unindexed_scans auth_user: first_name, last_login": 1}


def test_columns_of_one_row_ask_for_no_index() -> None:
    """No index is entered by what a row's columns are to each other; a value beside it is one to index."""
    either = Customer.objects.filter(name=F("email"))
    assert found(lambda: either.order_by("name")) == {"unindexed_scans orders_customer: whole table": 1}
    assert found(lambda: Customer.objects.filter(is_active=True).exclude(name=F("email")).order_by("name")) == {
        "unindexed_scans orders_customer: whole table": 1
    }
    assert found(lambda: either.filter(created_at__gt="2026-01-01T00:00Z")) == {
        "unindexed_scans orders_customer: created_at": 1
    }


def test_an_index_that_is_there_is_not_advised() -> None:
    """All orders are of one customer: the planner walks the key in order, though the customer has an index."""
    one, other = Customer.objects.order_by("pk")[:2]
    Order.objects.update(customer=one)
    assert found(lambda: Order.objects.filter(customer__in=[one, other]).order_by("pk")) == {}


@pytest.mark.postgres
def test_an_index_that_can_be_entered_is_not_advised() -> None:
    """One of two conditions has its index; that all rows are of one customer is the data's doing.

    SQLite's plans do not tell which condition an index could be entered with.
    """
    one = Customer.objects.earliest("pk")
    Order.objects.update(customer=one)
    assert found(lambda: Order.objects.filter(customer=one, total_cents__in=[0, 1]).order_by("pk")) == {}


@pytest.mark.postgres
@pytest.mark.parametrize("rows", [0, 1, 20])
def test_alternatives_that_have_an_index_each_are_served(rows: int) -> None:
    """Two indexes are read together, whichever way the planner takes for the rows that are there."""
    one = Customer.objects.earliest("pk")
    OrderItem.objects.all().delete()
    order = Order.objects.earliest("pk")
    for number in range(rows):
        OrderItem.objects.create(order=order, sku=str(number), quantity=1, unit_price_cents=1)
    either = OrderItem.objects.filter(Q(order_id=order.pk) | Q(pk=one.pk))
    assert found(lambda: either.order_by("-pk")) == found(lambda: either.order_by("-pk")[:5]) == {}


@pytest.mark.postgres
@pytest.mark.parametrize(("rows", "number"), [(0, 0), (1, 1)])
def test_an_empty_table_asks_for_no_index(rows: int, number: int) -> None:
    """The same statement is told as soon as there is a row."""
    OrderItem.objects.all().delete()
    if rows:
        OrderItem.objects.create(order=Order.objects.earliest("pk"), sku="A", quantity=1, unit_price_cents=1)
    assert len(found(lambda: OrderItem.objects.filter(unit_price_cents=7))) == number


@pytest.mark.parametrize(
    ("predicate", "leading", "is_entered"),
    [
        ("((a = 1) OR (b = 2))", {"a", "b"}, True),
        ("((a = 1) OR (b = 2))", {"a"}, False),
        ("((c = 3) AND ((a = 1) OR (b = 2)))", {"c"}, True),
        ("((c = 3) AND ((a = 1) OR (b = 2)))", {"a", "b"}, True),
        ("((c = 3) AND ((a = 1) OR (b = 2)))", {"b"}, False),
        ("(a <> 1)", {"a"}, False),
        ("((a ~~ '%x%'::text) AND (b = 2))", {"b"}, False),
    ],
)
def test_an_index_is_entered_by_one_condition_or_by_each_alternative(
    predicate: str, leading: set[str], is_entered: bool
) -> None:
    """One condition of several is enough; of alternatives each needs its index."""
    assert Scan(table="t", columns=("a", "b", "c"), predicate=predicate).is_entered_by(leading) is is_entered


@pytest.mark.postgres
@pytest.mark.parametrize("kind", [CharField(), TextField(), IntegerField()])
def test_an_index_of_another_type_is_not_entered(kind: Field[Any, Any]) -> None:
    """A cast on the column makes another value of it, though the index on the column is there."""
    one = Customer.objects.earliest("pk")
    query = Order.objects.annotate(cast=Cast("customer_id", kind)).filter(cast=str(one.pk))
    assert found(lambda: query) == {"unindexed_scans orders_order: customer_id": 1}
