"""/api/dev/seed/ and `manage.py seed`: how much they make, in how many statements, and what they refuse."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Model, Sum
from rest_framework.test import APIClient

from service.orders import limits
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db
PATH = "/api/dev/seed/"


def inserts(statements: list[str]) -> list[str]:
    return [sql.split('"')[1] for sql in statements if sql.startswith("INSERT")]


def test_the_default_is_a_hundred_customers(api: APIClient) -> None:
    """Without a body it makes 100 x 5 x 3 and answers 201 with the counts."""
    response = api.post(PATH)
    assert (response.status_code, response.json()) == (201, {"customers": 100, "orders": 500, "items": 1_500})
    assert (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count()) == (100, 500, 1_500)


@pytest.mark.postgres
@pytest.mark.parametrize("size", [{}, {"customers": 200, "orders_per_customer": 8, "items_per_order": 4}])
def test_it_sends_three_inserts_on_postgresql(
    api: APIClient, statements: Callable[[], Any], size: dict[str, int]
) -> None:
    """One INSERT for each table and no other statement, at the default size and beyond."""
    with statements() as seen:
        assert api.post(PATH, size).status_code == 201
    assert inserts(seen) == ["orders_customer", "orders_order", "orders_orderitem"]
    assert len(seen) == 3


def test_it_sends_as_few_inserts_as_the_database_allows(api: APIClient, statements: Callable[[], Any]) -> None:
    """Batches are as large as the database's limit of variables in one statement permits."""
    with statements() as seen:
        api.post(PATH)
    rows = {Customer: 100, Order: 500, OrderItem: 1_500}
    batches = {model: connection.ops.bulk_batch_size(_columns(model), range(count)) for model, count in rows.items()}
    assert len(seen) == len(inserts(seen)) == sum(-(-count // batches[model]) for model, count in rows.items())


def _columns(model: type[Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if not column.primary_key]


def test_its_totals_are_the_sums_of_the_lines(api: APIClient) -> None:
    """Although no line goes through the totals' code, every total is right."""
    api.post(PATH, {"customers": 30, "orders_per_customer": 3, "items_per_order": 7})
    rows = Order.objects.annotate(cents=Sum(F("items__quantity") * F("items__unit_price_cents")))
    assert list(rows.exclude(total_cents=F("cents"))) == []
    assert Order.objects.filter(total_cents__gt=0).count() == 90


def test_it_makes_every_state(api: APIClient) -> None:
    """All statuses, archived orders and retired customers are there, so that every rule has something to show."""
    api.post(PATH)
    assert set(Order.objects.values_list("status", flat=True)) == {"draft", "paid", "shipped", "cancelled"}
    assert set(Order.objects.values_list("is_archived", flat=True)) == {True, False}
    assert set(Customer.objects.values_list("is_active", flat=True)) == {True, False}
    assert api.get("/api/orders/summary/").json()["rows"]


def test_it_repeats(api: APIClient) -> None:
    """A second call makes as many rows again, the same but for the addresses."""
    for _ in range(2):
        assert api.post(PATH, {"customers": 10}).status_code == 201
    totals = list(Order.objects.order_by("pk").values_list("status", "is_archived", "total_cents"))
    assert Customer.objects.count() == 20
    assert totals[:50] == totals[50:]


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ({"customers": 1}, {"customers": 1, "orders": 5, "items": 15}),
        ({"customers": 2, "orders_per_customer": 0}, {"customers": 2, "orders": 0, "items": 0}),
        ({"customers": 2, "items_per_order": 0}, {"customers": 2, "orders": 10, "items": 0}),
        (
            {"customers": limits.MAX_SEED_CUSTOMERS, "orders_per_customer": 1, "items_per_order": 1},
            {"customers": 500, "orders": 500, "items": 500},
        ),
    ],
)
def test_sizes_are_followed(api: APIClient, size: dict[str, int], counts: dict[str, int]) -> None:
    """What is asked for is made, from the least to the most."""
    assert api.post(PATH, size).json() == counts


@pytest.mark.parametrize("value", [-1, 10**6, 2**63, "5", 1.5, True, None, [], {}])
@pytest.mark.parametrize("field", ["customers", "orders_per_customer", "items_per_order"])
def test_sizes_out_of_range_are_refused(api: APIClient, field: str, value: Any) -> None:
    """A size that is too large, negative or no number is a 400 that names it, and nothing is made."""
    response = api.post(PATH, {field: value})
    assert (response.status_code, list(response.json())) == (400, [field])
    assert not Customer.objects.exists()


def test_the_command_does_the_same() -> None:
    """`manage.py seed` makes what it is told and says so."""
    out = StringIO()
    call_command("seed", customers=2, orders_per_customer=2, items_per_order=2, stdout=out)
    assert out.getvalue() == "Made 2 customers, 4 orders and 8 items.\n"


def test_the_command_refuses_a_negative_size() -> None:
    """A negative size is one clear line."""
    with pytest.raises(CommandError, match="cannot be negative"):
        call_command("seed", customers=-1)


def test_the_command_refuses_where_test_data_are_not_allowed(settings: Any) -> None:
    """Where the endpoint does not exist, the command does nothing."""
    settings.DEV_ENDPOINTS = False
    with pytest.raises(CommandError, match="does not allow test data"):
        call_command("seed")
