"""Measures what the fixtures cost: `query_budget` beside `django_assert_num_queries`, and scenarios after the first.

    DATABASE_URL=sqlite:///:memory: pytest tests/testing/measure_overhead.py --quiet -s

Both ways of each pair alternate in one process with the garbage collector off, so that the moods of the machine meet
both. Seconds are of CPU time.
It prints figures for docs/audit.md and asserts none: a time says something of the machine that it was taken on.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.test import Client

from reglab.testing.work import Work
from service.orders.models import Customer

pytestmark = pytest.mark.django_db
PAIRS: Final = 60
SCENARIOS: Final = ("cancel-order", "list-orders", "summary", "create-order")


@contextmanager
def _no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _seconds(act: Callable[[], Any]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _compared(theirs: Callable[[], Any], ours: Callable[[], Any]) -> tuple[float, float, float]:
    """Return both medians in milliseconds, and the median of the pairs' ratios."""
    for _ in range(20):
        theirs()
        ours()
    pairs = []
    with _no_collection():
        for number in range(PAIRS):
            if number % 2:
                pairs.append((_seconds(theirs), _seconds(ours)))
            else:
                second = _seconds(ours)
                pairs.append((_seconds(theirs), second))
    medians = [1000 * statistics.median(side) for side in zip(*pairs, strict=True)]
    return medians[0], medians[1], statistics.median(ours / theirs for theirs, ours in pairs)


@pytest.mark.parametrize("queries", [1, 3, 10, 100])
def test_budget_of_bare_queries(queries: int, query_budget: Any, django_assert_num_queries: Any) -> None:
    """The worst case: nothing but queries inside of the block."""

    def act(block: Any) -> None:
        with block(queries):
            for _ in range(queries):
                list(Customer.objects.all())

    theirs, ours, ratio = _compared(lambda: act(django_assert_num_queries), lambda: act(query_budget))
    print(f"\n{queries:3} bare queries: {theirs:.3f} ms, {ours:.3f} ms, ratio {ratio:.2f}")


def test_budget_of_a_request(query_budget: Any, django_assert_num_queries: Any, client: Client) -> None:
    """The usual case: a request."""

    def act(block: Any) -> None:
        with block(1):
            client.get("/api/customers/")

    theirs, ours, ratio = _compared(lambda: act(django_assert_num_queries), lambda: act(query_budget))
    print(f"\na request of one query: {theirs:.3f} ms, {ours:.3f} ms, ratio {ratio:.2f}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_after_the_first(name: str, work: Work) -> None:
    """A scenario is measured again and again; the first time loads what it needs."""

    def act() -> None:
        with work.scenario(name):
            pass

    first = 1000 * _seconds(act)
    with _no_collection():
        later = [1000 * _seconds(act) for _ in range(8)]
    print(f"\n{name}: first {first:.0f} ms, then {statistics.median(later):.0f} ms (at most {max(later):.0f})")
