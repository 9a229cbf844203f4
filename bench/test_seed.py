"""Seed before and after: a save() per row against bulk INSERTs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import Client
from pytest_benchmark.fixture import BenchmarkFixture

from bench.conftest import Side, counted, endpoints_of
from service.orders.models import Customer, Order, OrderItem

URL = "/api/dev/seed/"
SIZE = {"customers": 100, "orders_per_customer": 5, "items_per_order": 3}
# A fifth of it: a round of the before side takes a second then, and not six, while no ratio is near its limit.
TIMED_SIZE = SIZE | {"customers": 20}


def _seed(client: Client, size: dict[str, int]) -> None:
    response = client.post(URL, size, content_type="application/json")
    assert response.status_code == 201, response.content


def _shape() -> dict[str, object]:
    """Describe the rows by what both sides promise: how many, how they hang together, totals that are sums."""
    lines = F("items__quantity") * F("items__unit_price_cents")
    totals = Order.objects.annotate(lines_cents=Sum(lines)).values_list("total_cents", "lines_cents")
    return {
        "customers": Customer.objects.count(),
        "orders": Order.objects.count(),
        "items": OrderItem.objects.count(),
        "orders a customer": Counter(Customer.objects.annotate(n=Count("orders")).values_list("n", flat=True)),
        "items an order": Counter(Order.objects.annotate(n=Count("items")).values_list("n", flat=True)),
        "distinct emails": Customer.objects.values("email").distinct().count(),
        "wrong totals": sum(total != lines for total, lines in totals),
    }


EXPECTED_SHAPE = {
    "customers": 100,
    "orders": 500,
    "items": 1500,
    "orders a customer": Counter({5: 100}),
    "items an order": Counter({3: 500}),
    "distinct emails": 100,
    "wrong totals": 0,
}


@contextmanager
def _taken_back() -> Iterator[None]:
    """Undo what the block writes, so that every round starts from the same empty tables."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.benchmark(group="seed")
def test_seed_writes_the_same_shape_in_fewer_statements(side: Side, benchmark: BenchmarkFixture, db: None) -> None:
    """Both sides write data of the same shape with right totals; statements are of that size, times of a fifth."""
    with endpoints_of(side) as client:
        with _taken_back():
            with counted() as statements:
                _seed(client, SIZE)
            assert _shape() == EXPECTED_SHAPE
        benchmark.extra_info.update(
            scenario="seed",
            endpoint="POST /api/dev/seed/",
            variant=side,
            queries=statements.queries,
            inserts=statements.inserts,
        )
        _benchmark(benchmark, client, rounds=3 if side == "before" else 10)


def _benchmark(benchmark: BenchmarkFixture, client: Client, *, rounds: int) -> None:
    """Time the request alone: opening and undoing its transaction stand outside the clock."""
    rollback = ExitStack()
    benchmark.pedantic(
        _seed,
        args=(client, TIMED_SIZE),
        setup=lambda: rollback.enter_context(_taken_back()),
        teardown=lambda *_: rollback.close(),
        rounds=rounds,
        # The counted request before was the warm-up.
        warmup_rounds=0,
    )
