"""Rows that reach Python are counted by table, by whichever way they are fetched; rows that stay behind are not."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Count, OuterRef, Subquery, Sum

from reglab.counters.fetched_rows import FetchedRows
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from reglab.report.records import Measurement
from service.orders.models import Customer, Order
from tests.counters.support import ROOT

pytestmark = pytest.mark.django_db
CUSTOMERS = 7


@pytest.fixture(autouse=True)
def _customers() -> None:
    Customer.objects.bulk_create(Customer(name=f"C{one}", email=f"c{one}@example.test") for one in range(CUSTOMERS))


def counted(read: Callable[[], object]) -> tuple[Measurement, ...]:
    """Return what reading something counts."""
    queries = QueryCounter([connection], frames=ProjectFrames(base=ROOT))
    counter = FetchedRows([connection], queries=queries)
    with counter, queries:
        read()
    return counter.counts()


def fetched(read: Callable[[], object]) -> dict[str, int]:
    """Return the rows by part."""
    return {count.part: int(count.value) for count in counted(read)}


def by_hand(how: str) -> object:
    """Read all customers with a cursor of Django's own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders_customer")
        if how == "one by one":
            return list(iter(cursor.fetchone, None))
        return list(cursor) if how == "in a loop" else cursor.fetchall()


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(Customer.objects.all()),
        lambda: list(Customer.objects.all())[:2],
        lambda: len(Customer.objects.all()),
        lambda: list(Customer.objects.iterator(chunk_size=2)),
        lambda: list(Customer.objects.values_list("pk")),
        lambda: list(Customer.objects.raw("SELECT * FROM orders_customer")),
        lambda: by_hand("one by one"),
        lambda: by_hand("in a loop"),
        lambda: by_hand("all"),
    ],
)
def test_every_row_that_reaches_python_counts(read: Callable[[], object]) -> None:
    """However a page throws rows away afterwards, and with whichever method of a cursor they were read."""
    assert fetched(read) == {"orders_customer": CUSTOMERS}


@pytest.mark.parametrize(
    ("read", "rows"),
    [
        (Customer.objects.count, 1),
        (Customer.objects.exists, 1),
        (lambda: list(Customer.objects.order_by("pk")[:2]), 2),
        (lambda: Order.objects.aggregate(Sum("total_cents")), 1),
    ],
)
def test_rows_that_stay_in_the_database_do_not_count(read: Callable[[], object], rows: int) -> None:
    """A count, a sum and a slice hand out their own rows alone."""
    assert sum(fetched(read).values()) == rows


def test_what_a_write_returns_does_not_count() -> None:
    """RETURNING hands keys out, in another way in each version of Django."""
    assert fetched(lambda: Customer.objects.create(name="New", email="new@example.test")) == {}


def test_rows_belong_to_the_table_that_others_are_joined_to() -> None:
    """Not to the first by name; a count in the list of columns names none."""
    order = Order.objects.create(customer=Customer.objects.all()[0])
    for read in (
        lambda: list(Order.objects.select_related("customer")),
        lambda: list(
            Order.objects.annotate(of=Subquery(Customer.objects.filter(pk=OuterRef("customer")).values("pk")))
        ),
        lambda: list(Order.objects.filter(pk=order.pk).annotate(Count("items")).order_by("customer__name")),
    ):
        assert fetched(read) == {"orders_order": 1}


def test_evidence_is_the_statement_with_its_rows_and_line() -> None:
    """The statement that fetched most comes first, with as many rows as it handed out, at the line that shaped it."""
    (measurement,) = counted(lambda: (Customer.objects.count(), len(Customer.objects.filter(is_active=True))))
    first, second = measurement.evidence
    assert (first.count, second.count) == (CUSTOMERS, 1)
    assert "is_active" in first.text
    assert "test_fetched_rows.py" in first.source


def test_cursors_are_as_before() -> None:
    """Neither a count nor one inside of another leaves anything on Django's cursors."""
    from django.db.backends.utils import CursorWrapper

    before = dict(vars(CursorWrapper))
    assert fetched(lambda: fetched(lambda: list(Customer.objects.all()))) == {"orders_customer": CUSTOMERS}
    assert dict(vars(CursorWrapper)) == before
