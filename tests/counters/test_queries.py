"""The query counter, on the service's models and on both databases."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Manager, QuerySet
from django.shortcuts import get_list_or_404

from reglab.counters.queries import QUERIES, QueryCounter
from reglab.project.other_threads import awaiting_noted
from reglab.project.source_lines import ProjectFrames
from reglab.project.statements import shape_of
from service.orders.models import Customer, Order
from tests.counters.support import ROOT, customers, values

pytestmark = pytest.mark.django_db


def counter() -> QueryCounter:
    return QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))


def test_queries_repeats_and_fingerprints_are_counted() -> None:
    """Two loads of one shape and one of another are three queries, two fingerprints and one repeat."""
    one, two = customers(2)
    with counter() as counted:
        Customer.objects.get(pk=one.pk)
        Customer.objects.get(pk=two.pk)
        Customer.objects.count()
    found = values(counted)
    assert (found["queries"], found["fingerprints"], found["repeats"], found["inserts"]) == (3, 2, 1, 0)


def test_other_values_and_lengths_change_no_count() -> None:
    """The same work on other values counts the same: nothing but the statements' shapes and numbers matters."""
    rows = customers(5)
    seen = []
    for chosen in (rows[:2], rows[2:]):
        with counter() as counted:
            list(Customer.objects.filter(pk__in=[row.pk for row in chosen]))
        seen.append((values(counted), [group.shape.fingerprint for group in counted.groups()]))
    assert seen[0] == seen[1]


def test_a_statement_has_the_line_of_the_asynchronous_code_that_waits_for_it() -> None:
    """It is sent in a thread, whose stack ends there: the function that awaits it is the one to look at."""
    customers(1)

    async def names() -> list[str]:
        return [one.name async for one in Customer.objects.all()]

    with awaiting_noted(), counter() as counted:
        assert len(async_to_sync(names)()) == 1
    (group,) = counted.groups()
    assert group.source.startswith("tests/counters/test_queries.py:")
    assert group.source.endswith(".<locals>.names")


def test_there_is_no_ceiling() -> None:
    """Ten thousand queries are ten thousand, where Django's own log would have lost some."""
    with counter() as counted, connection.cursor() as cursor:
        for _ in range(10_000):
            cursor.execute("SELECT 1")
    assert values(counted)["queries"] == 10_000


def test_savepoints_are_reported_apart() -> None:
    """A nested atomic block's SAVEPOINT and RELEASE are transaction statements, not queries."""
    with counter() as counted, transaction.atomic():
        Customer.objects.count()
    found = values(counted)
    assert (found["queries"], found["transaction_statements"]) == (1, 2)


def test_executemany_counts_each_row() -> None:
    """A call of executemany counts once a row of parameters, and a generator of rows reaches the driver."""
    rows: Any = ((f"n{number}", f"{number}@many.test", True, "2026-01-01 00:00:00+00:00") for number in range(3))
    with counter() as counted, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO orders_customer (name, email, is_active, created_at) VALUES (%s, %s, %s, %s)", rows
        )
    found = values(counted)
    assert (found["queries"], found["inserts"], found["repeats"]) == (3, 3, 2)
    assert Customer.objects.filter(email__endswith="@many.test").count() == 3


def test_a_failed_statement_counts() -> None:
    """A statement that the database refuses was sent all the same."""
    (customer,) = customers(1)
    with counter() as counted, pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(name="twin", email=customer.email)
    assert values(counted)["inserts"] == 1


def test_on_commit_work_is_seen(django_capture_on_commit_callbacks: Any) -> None:
    """A query that a commit callback sends counts, when the callbacks run inside the counted block."""
    with counter() as counted, django_capture_on_commit_callbacks(execute=True):
        transaction.on_commit(Customer.objects.count)
    assert values(counted)["queries"] == 1


def test_evidence_is_most_repeated_first_with_its_line() -> None:
    """The statement that ran most comes first, with the line of this file that sent it."""
    rows = customers(3)
    with counter() as counted:
        Customer.objects.count()
        for row in rows:
            Customer.objects.get(pk=row.pk)
    first = next(count for count in counted.counts() if count.metric is QUERIES).evidence[0]
    assert first.count == 3
    assert first.table == "orders_customer"
    assert first.source.startswith("tests/counters/test_queries.py:")
    assert first.source.endswith(" in test_evidence_is_most_repeated_first_with_its_line")


def test_nothing_is_left_behind() -> None:
    """After the block the connections have the wrappers that they had before, even when the block failed."""
    before = list(connection.execute_wrappers)
    with pytest.raises(ZeroDivisionError), counter():
        raise ZeroDivisionError
    assert connection.execute_wrappers == before


def test_another_alias_is_counted_apart() -> None:
    """A query on an alias that is not the default one is a query and an other_alias_query."""
    with QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT), default_alias="elsewhere") as counted:
        Customer.objects.count()
    found = values(counted)
    assert (found["queries"], found["other_alias_queries"]) == (1, 1)


def test_a_group_keeps_its_first_parameters() -> None:
    """A group holds one runnable example of its statement: text and real parameters."""
    (customer,) = customers(1)
    with counter() as counted:
        list(Customer.objects.filter(email=customer.email))
    (group,) = counted.groups()
    assert customer.email in tuple(group.parameters)
    assert shape_of(group.sql) == group.shape


def read_orders(query: QuerySet[Order]) -> None:
    for order in query:
        assert order.customer.email


def unfetched() -> QuerySet[Order]:
    return Order.objects.filter(is_archived=False)


def test_a_lazy_relation_names_the_line_that_should_have_fetched_it() -> None:
    """For a relation loaded row by row, the last frame is the line that built the queryset of the outer rows."""
    for customer in customers(3):
        Order.objects.create(customer=customer)
    with counter() as counted:
        read_orders(unfetched())
    repeated = counted.groups()[0]
    assert (repeated.count, repeated.shape.tables) == (3, ("orders_customer",))
    assert repeated.outer_built_at.endswith(" in unfetched")
    assert repeated.evidence().source.endswith(" in read_orders")
    assert repeated.evidence().frames[-1] == repeated.outer_built_at


def number_of_orders() -> int:
    return Order.objects.filter(is_archived=False).count()


def test_who_counted_the_rows_did_not_read_them() -> None:
    """Where rows are counted after they were read, the last frame still is of the queryset that read them."""
    for customer in customers(3):
        Order.objects.create(customer=customer)
    with counter() as counted:
        orders = unfetched()
        assert len(orders) == number_of_orders()
        read_orders(orders)
    assert counted.groups()[0].outer_built_at.endswith(" in unfetched")


def test_rows_that_a_library_read_name_no_line_of_another_queryset() -> None:
    """A queryset that no line of the project built has no outer line: an earlier one on its table is another."""
    for customer in customers(3):
        Order.objects.create(customer=customer)
    with counter() as counted:
        list(unfetched())
        for order in get_list_or_404(Order):
            assert order.customer.email
    repeated = counted.groups()[0]
    assert (repeated.count, repeated.outer_built_at) == (3, "")


def test_a_fetched_relation_has_nothing_to_repeat() -> None:
    """With select_related the same loop is one query, built where it was chained last."""
    for customer in customers(3):
        Order.objects.create(customer=customer)
    with counter() as counted:
        read_orders(unfetched().select_related("customer"))
    (group,) = counted.groups()
    assert (group.count, group.outer_built_at) == (1, "")
    assert group.built_at.endswith(" in test_a_fetched_relation_has_nothing_to_repeat")


def test_a_queryset_of_the_block_can_be_cached() -> None:
    """What is noted of a queryset is not in it: it pickles as before, and Django's constructor is put back."""
    before = QuerySet.__init__
    (customer,) = customers(1)
    with counter():
        kept = pickle.loads(pickle.dumps(Customer.objects.filter(pk=customer.pk)))  # noqa: S301
    assert list(kept) == [customer]
    assert QuerySet.__init__ is before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_statements_of_other_threads_count_with_their_lines() -> None:
    """Work that was moved into a thread is work all the same."""
    with counter() as counted, ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(_counted_elsewhere).result(timeout=20)
    (group,) = counted.groups()
    assert (values(counted)["queries"], group.source.endswith("in _counted_elsewhere")) == (1, True)


def _counted_elsewhere() -> None:
    try:
        Customer.objects.count()
    finally:
        connection.close()


def test_the_line_that_decides_which_rows_are_read_is_kept() -> None:
    """A paginator sorts, cuts and counts; what it was given says which rows."""
    with counter() as counted:
        _narrowed(Order.objects.all()).order_by()[:5].count()
    (group,) = counted.groups()
    assert group.shaped_at.endswith("in _narrowed")
    assert not group.built_at.endswith("in _narrowed")


def _narrowed(orders: "QuerySet[Order]") -> "QuerySet[Order]":
    return orders.filter(is_archived=False).distinct()


class Shown(Manager[Order]):
    """Makes the querysets of whoever asks."""

    def get_queryset(self) -> "QuerySet[Order]":
        return super().get_queryset().filter(is_archived=False)


def test_a_managers_own_method_built_no_queryset() -> None:
    """It serves whoever asks: the line that does is to be changed, while the manager's decides which rows are read."""
    shown = Shown()
    shown.model = Order
    with counter() as counted:
        list(shown.all())
    (group,) = counted.groups()
    assert group.built_at.endswith(" in test_a_managers_own_method_built_no_queryset")
    assert group.shaped_at.endswith(" in Shown.get_queryset")


def test_where_no_line_sends_a_statement_none_is_left_empty() -> None:
    """Library code reads a queryset late: what shaped it is the line, and nothing of the project called that."""
    with counter() as counted:
        _narrowed(Order.objects.all()).count()
    group = replace(counted.groups()[0], source="", frames=())
    assert group.evidence_of_rows().source.endswith(" in _narrowed")
    assert group.evidence_of_rows().frames == ()
