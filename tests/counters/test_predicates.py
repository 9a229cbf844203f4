"""Predicates as PostgreSQL writes them: an empty search asks for nothing."""

from collections.abc import Callable

import pytest
from django.db import connections

from reglab.counters.index_oracle import IndexOracle
from reglab.counters.queries import QueryCounter
from reglab.counters.scans.predicates import with_plain_likes
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer
from tests.counters.support import ROOT, customers, values


@pytest.mark.parametrize(
    ("predicate", "plain"),
    [
        ("(upper((name)::text) ~~ '%'::text)", "((name IS NOT NULL))"),
        ("((c.name)::text ~~* '%%'::text)", "((c.name IS NOT NULL))"),
        ("(name ~~ '%a%'::text)", "(name ~~ '%a%'::text)"),
    ],
)
def test_like_anything_asks_only_whether_a_text_is_there(predicate: str, plain: str) -> None:
    """In any case, and of a cast; a word to search for stays one."""
    assert with_plain_likes(predicate) == plain


def scans(read: Callable[[], object]) -> IndexOracle:
    """Return the oracle after something was read of twenty customers."""
    customers(20)
    counter = QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))
    with IndexOracle(connections.all(), queries=counter) as oracle, counter:
        read()
    return oracle


@pytest.mark.django_db
@pytest.mark.postgres
def test_an_empty_search_asks_for_no_index() -> None:
    """The whole table is read, and no index of the expression would serve."""
    oracle = scans(lambda: list(Customer.objects.filter(name__icontains="")))
    assert set(values(oracle)) == {"unindexed_scans orders_customer: whole table"}
    assert not any("partial index" in one.text for count in oracle.counts() for one in count.evidence)


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_first_rows_of_an_empty_search_are_no_whole_table() -> None:
    """A list of suggestions before anything is typed ends after its ten rows."""
    assert values(scans(lambda: list(Customer.objects.filter(name__icontains="")[:10]))) == {}
