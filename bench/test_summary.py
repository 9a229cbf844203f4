"""Summary before and after: a loop over customers against one aggregate query."""

from typing import Any

import pytest
from django.test import Client
from pytest_benchmark.fixture import BenchmarkFixture

from bench.conftest import Side, counted, endpoints_of
from service.orders.models import Customer, Order, OrderStatus

URL = "/api/orders/summary/?limit=50"


@pytest.fixture
def customers_of_every_kind(db: None) -> None:
    """Hold 100 customers × 5 orders × 3 items, some inactive, some orders archived, two customers level on totals."""
    with endpoints_of("after") as client:
        assert client.post("/api/dev/seed/", {}, content_type="application/json").status_code == 201
    customers = list(Customer.objects.order_by("pk"))
    Customer.objects.filter(pk__in=[customer.pk for customer in customers[::10]]).update(is_active=False)
    Order.objects.filter(customer__in=customers[1::7], pk__in=Order.objects.order_by("pk").values("pk")[:200]).update(
        is_archived=True
    )
    first, second = (customer for customer in customers[4:6])
    Order.objects.filter(customer__in=[first, second]).update(status=OrderStatus.PAID, total_cents=10**7)


def _answer(client: Client) -> Any:
    response = client.get(URL)
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.benchmark(group="summary")
def test_summary_does_less_for_the_same_answer(
    side: Side, benchmark: BenchmarkFixture, customers_of_every_kind: None
) -> None:
    """Both sides answer the same rows in the same order; then each side's queries and time are taken."""
    with endpoints_of("before") as client:
        expected = _answer(client)
    assert len(expected["rows"]) == 50
    with endpoints_of(side) as client:
        with counted() as statements:
            assert _answer(client) == expected
        benchmark.extra_info.update(
            scenario="summary",
            endpoint="GET /api/orders/summary/",
            variant=side,
            queries=statements.queries,
            inserts=statements.inserts,
        )
        benchmark.pedantic(_answer, args=(client,), rounds=15, warmup_rounds=2)
