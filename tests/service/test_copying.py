"""`manage.py seed` on PostgreSQL: COPY makes the same rows as the INSERTs, and an interrupted run goes on."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum

from service.orders import copying
from service.orders.copying import copy
from service.orders.models import Customer, Order, OrderItem
from service.orders.seeding import SeedCounts, SeedSize, seed

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SIZE = SeedSize(customers=23, orders_per_customer=4, items_per_order=3)


def rows() -> list[Any]:
    """What was made, in order, without ids, times and the addresses' token."""
    orders = Order.objects.order_by("pk").values_list("customer__name", "status", "is_archived", "total_cents")
    lines = OrderItem.objects.order_by("order_id", "pk").values_list("sku", "quantity", "unit_price_cents")
    customers = Customer.objects.order_by("pk").values_list("name", "is_active")
    return [list(customers), list(orders), list(lines)]


def test_copy_makes_the_rows_that_seed_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but ids, times and the token is the same, however the batches are cut."""
    seed(SIZE)
    expected = rows()
    Order.objects.all().delete()
    Customer.objects.all().delete()
    monkeypatch.setattr(copying, "BATCH_ROWS", 100)
    assert copy(SIZE, token="abc", progress=lambda _: None) == SeedCounts(customers=23, orders=92, items=276)
    assert rows() == expected
    wrong = Order.objects.annotate(cents=Sum(F("items__quantity") * F("items__unit_price_cents")))
    assert not wrong.exclude(total_cents=F("cents")).exists()


def test_an_interrupted_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after some batches, the same token makes the rest, and once complete nothing more."""
    monkeypatch.setattr(copying, "BATCH_ROWS", 100)
    shown: list[int] = []

    def stop_at_the_third(customers: int) -> None:
        shown.append(customers)
        if len(shown) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(SIZE, token="abc", progress=stop_at_the_third)
    done = Customer.objects.count()
    assert 0 < done < SIZE.customers
    shown.clear()
    added = copy(SIZE, token="abc", progress=shown.append)
    assert added.customers == SIZE.customers - done
    assert (shown[0], sum(shown)) == (done, SIZE.customers)
    assert copy(SIZE, token="abc", progress=shown.append).customers == 0
    assert Customer.objects.count() == SIZE.customers
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == [f"Customer {n}" for n in range(23)]


def test_copied_rows_leave_the_ids_of_others_alone(make_customer: Callable[..., Customer]) -> None:
    """The ids come from the tables' own sequences: what is written next gets another one."""
    copy(SIZE, token="abc", progress=lambda _: None)
    customer = make_customer()
    assert customer.pk > Customer.objects.exclude(pk=customer.pk).latest("pk").pk
    assert Order.objects.create(customer=customer).pk == Order.objects.latest("pk").pk


def test_every_order_has_a_time_of_its_own() -> None:
    """A list by time, and its cursors, have one order."""
    copy(SIZE, token="abc", progress=lambda _: None)
    assert Order.objects.values("created_at").distinct().count() == 92
    assert list(Order.objects.order_by("created_at")) == list(Order.objects.order_by("pk"))


def test_the_command_refuses_a_token_that_no_address_could_carry() -> None:
    """A bad token is one clear line."""
    with pytest.raises(CommandError, match="--token must be"):
        call_command("seed", token="A B", stdout=StringIO())
