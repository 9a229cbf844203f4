"""Sizes of pages and of lists are counted, whatever rows there are; a single row is no list."""

from collections.abc import Callable

import pytest
from django.core.paginator import Paginator
from django.db import connection

from reglab.counters.listed_rows import ROWS_ASKED, ListedRows
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer
from tests.counters.support import ROOT

pytestmark = pytest.mark.django_db


def asked(read: Callable[[], object]) -> dict[str, float]:
    """Return the number by part that reading something counts."""
    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = ListedRows(queries=queries)
    with counter, queries:
        read()
    return {count.part: count.values[0] for count in counter.counts() if count.metric is ROWS_ASKED}


@pytest.mark.parametrize("size", [25, 2500])
def test_a_page_counts_as_many_rows_as_it_may_have(size: int) -> None:
    """Its LIMIT is cut at the rows that there are: a page of 25 and one of 2,500 send the same statement."""
    Customer.objects.create(name="Ann", email="ann@pages.example")
    found = asked(lambda: list(Paginator(Customer.objects.order_by("pk"), size).get_page(1)))
    assert found == {"a page of orders_customer": size}


def test_a_limit_counts_once_a_statement() -> None:
    """Two lists of one table add up; the same list twice does not."""
    rows = Customer.objects.order_by("pk")
    assert asked(lambda: [list(rows[:30]), list(rows[:30]), list(rows.filter(is_active=True)[:40])]) == {
        "orders_customer": 70
    }


@pytest.mark.parametrize(
    "read",
    [Customer.objects.first, Customer.objects.exists, lambda: list(Customer.objects.all())],
    ids=["first", "exists", "all"],
)
def test_what_reads_one_row_or_all_of_them_asks_for_no_number(read: Callable[[], object]) -> None:
    """`get()` and `first()` have LIMITs of their own, which say nothing of a list."""
    assert asked(read) == {}


def test_get_asks_for_no_number() -> None:
    """Its 21 rows are there to say that there are several."""
    Customer.objects.create(name="Ann", email="ann@pages.example")
    assert asked(lambda: Customer.objects.get(email="ann@pages.example")) == {}


@pytest.mark.postgres
def test_a_limit_beside_a_list_of_values_is_counted() -> None:
    """PostgreSQL takes a list as one parameter, which no dictionary takes as a key."""
    wanted = Customer.objects.extra(where=["name = ANY(%s)"], params=[["Ann", "Bob"]])
    assert asked(lambda: list(wanted.order_by("pk")[:30])) == {"orders_customer": 30}
