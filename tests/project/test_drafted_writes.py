"""Writes that a draft proposes hold at both sizes that it saw."""

import pytest

from reglab.project.drafting.outcomes.other_size import larger
from reglab.project.drafting.probe import SeenWrite
from reglab.project.drafting.suite_text import write_set_of
from reglab.work.seen_writes import seen_writes
from service.orders.models import Customer


def deleted(table: str, rows: int) -> SeenWrite:
    """Rows that a request deleted."""
    return SeenWrite(table=table, verb="delete", rows=rows)


def test_what_differs_between_the_sizes_is_proposed_as_a_span() -> None:
    """A cascade takes more where there is more: neither size breaks what is proposed."""
    found = larger((deleted("book", 1), deleted("tag", 4)), (deleted("book", 1), deleted("tag", 16)))
    assert write_set_of(found) == {"book": {"delete": 1}, "tag": {"delete": "4..16"}}


def test_what_one_size_alone_writes_may_be_nothing() -> None:
    """On the other size there was none: the least is 0, whichever of the two it is."""
    assert write_set_of(larger((), (deleted("loan", 2),))) == {"loan": {"delete": "0..2"}}
    assert write_set_of(larger((deleted("loan", 2),), ())) == {"loan": {"delete": "0..2"}}


@pytest.mark.django_db
def test_a_row_that_is_written_twice_is_proposed_as_a_span() -> None:
    """Two statements write, and one row differs: the promise is what differs, the bound what is written."""
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    with seen_writes() as found:
        Customer.objects.filter(pk=customer.pk).update(name="Eve")
        Customer.objects.filter(pk=customer.pk).update(name="Bea")
    assert write_set_of(tuple(found)) == {"orders_customer": {"update": "1..2", "columns": ["name"]}}
