"""Concurrent writers never lose an update of a total: proven with threads on PostgreSQL, and shown to fail unlocked."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum

from service.orders import totals
from service.orders.models import Customer, Order, OrderItem

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITERS = 12
ROUNDS = 6
PATIENCE_S = 60
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def orders() -> list[Order]:
    """Three orders with four lines each."""
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    made = [Order.objects.create(customer=customer) for _ in range(3)]
    for order in made:
        for number in range(4):
            OrderItem.objects.create(order=order, sku=f"SKU-{number}", quantity=1, unit_price_cents=100)
    return made


def in_thread(work: Callable[[], Any]) -> Any:
    """Do the work on the thread's own connection, and close it."""
    try:
        return work()
    finally:
        connection.close()


def together(works: Iterable[Callable[[], Any]]) -> None:
    """Do all the works at once, each in a thread; raise what any of them raised."""
    works = list(works)
    barrier = Barrier(len(works))

    def start(work: Callable[[], Any]) -> None:
        barrier.wait(PATIENCE_S)
        in_thread(work)

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(start, work) for work in works]
        for future in futures:
            future.result(PATIENCE_S)


def wrong_totals() -> list[tuple[int, int, int]]:
    """The orders whose total is not the sum of their lines: id, total, sum."""
    rows = Order.objects.annotate(cents=Sum(F("items__quantity") * F("items__unit_price_cents"), default=0))
    return list(rows.exclude(total_cents=F("cents")).values_list("pk", "total_cents", "cents"))


def test_concurrent_creates_keep_the_total(orders: list[Order]) -> None:
    """Many writers that add lines to one order at once all count."""

    def create() -> None:
        for number in range(ROUNDS):
            OrderItem.objects.create(order_id=orders[0].pk, sku=f"NEW-{number}", quantity=2, unit_price_cents=5)

    together([create] * WRITERS)
    assert Order.objects.get(pk=orders[0].pk).total_cents == 400 + WRITERS * ROUNDS * 10
    assert wrong_totals() == []


def test_concurrent_writers_of_every_kind_keep_every_total(orders: list[Order]) -> None:
    """Creates, updates, moves and deletes, single and in bulk, on the same orders at once: all counts, no deadlock."""
    ids = [order.pk for order in orders]

    def create(number: int) -> None:
        OrderItem.objects.create(order_id=ids[number % 3], sku="NEW", quantity=number + 1, unit_price_cents=7)

    def change(number: int) -> None:
        item = OrderItem.objects.order_by("pk").filter(sku="SKU-1")[number % 3]
        item.quantity = number + 1
        item.save(update_fields=["quantity"])

    def move(number: int) -> None:
        item = OrderItem.objects.filter(sku="SKU-2").order_by("pk")[number % 3]
        item.order_id = ids[(number + 1) % 3]
        item.save(update_fields=["order"])

    def move_in_bulk(number: int) -> None:
        OrderItem.objects.filter(sku="SKU-3").update(order=ids[number % 3])

    def raise_prices(_number: int) -> None:
        OrderItem.objects.filter(order__in=ids).update(unit_price_cents=F("unit_price_cents") + 1)

    def delete(number: int) -> None:
        OrderItem.objects.filter(sku="NEW", quantity=number).delete()

    kinds = (create, change, move, move_in_bulk, raise_prices, delete)

    def rounds(work: Callable[[int], None]) -> None:
        for number in range(ROUNDS):
            work(number)

    together([partial(rounds, work) for work in kinds * 2])
    assert wrong_totals() == []


def test_orders_are_deleted_while_lines_are_added(orders: list[Order]) -> None:
    """A line that loses against its order's deletion is refused; none is left over and none breaks the deletion."""
    order_id = orders[0].pk

    def create() -> None:
        for _ in range(ROUNDS):
            try:
                OrderItem.objects.create(order_id=order_id, sku="NEW", quantity=1, unit_price_cents=1)
            except Order.DoesNotExist:
                return

    together([create] * 4 + [lambda: Order.objects.get(pk=order_id).delete()])
    assert not OrderItem.objects.filter(order_id=order_id).exists()
    assert wrong_totals() == []


def test_two_moves_across_each_other_do_not_deadlock(orders: list[Order]) -> None:
    """Lines that move from A to B and from B to A at once both arrive."""
    ids = [order.pk for order in orders[:2]]
    items = [OrderItem.objects.filter(order=order_id).order_by("pk")[0].pk for order_id in ids]

    def swap(place: int) -> None:
        for number in range(2 * ROUNDS):
            item = OrderItem.objects.get(pk=items[place])
            item.order_id = ids[(place + number + 1) % 2]
            item.save()

    together([lambda: swap(0), lambda: swap(1)])
    assert wrong_totals() == []


def create_while_another_waits(order: Order, first: Callable[[], Any], second: Callable[[], Any]) -> None:
    """Run `first`, and `second` while the transaction of `first` is still open; end both.

    Deterministic: `first` commits only when the database itself says that `second` waits for a lock.
    """
    written, waiting = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            first()
            written.set()
            assert waiting.wait(PATIENCE_S)

    def follow() -> None:
        assert written.wait(PATIENCE_S)
        second()

    with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        stack.callback(waiting.set)
        futures: list[Future[None]] = [pool.submit(in_thread, work) for work in (hold, follow)]
        wait_for_lock(futures)
        waiting.set()
        for future in futures:
            future.result(PATIENCE_S)


def wait_for_lock(futures: list[Future[None]]) -> None:
    """Return when some connection waits for a lock; fail when a writer ended first."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        for future in futures:
            if future.done():
                future.result()
                pytest.fail("a writer ended without waiting for the other: nothing was locked")


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "unlocked"])
def test_the_lock_is_what_keeps_the_total(
    orders: list[Order], monkeypatch: pytest.MonkeyPatch, *, locked: bool
) -> None:
    """Two creates that overlap both count; with the lock knocked out, the very same overlap loses one."""
    if not locked:
        monkeypatch.setattr(totals, "lock_orders", lambda order_ids, **_: frozenset(order_ids))

    def create() -> None:
        OrderItem.objects.create(order_id=orders[0].pk, sku="NEW", quantity=1, unit_price_cents=11)

    create_while_another_waits(orders[0], create, create)
    assert Order.objects.get(pk=orders[0].pk).total_cents == (422 if locked else 411)


def test_a_line_that_moves_while_its_writer_waits_is_followed(orders: list[Order]) -> None:
    """A writer that waited looks again where the line is, and brings that order's total up to date."""
    source, target = orders[:2]
    item_id = source.items.order_by("pk")[0].pk

    def move() -> None:
        item = OrderItem.objects.get(pk=item_id)
        item.order = target
        item.save()

    def reprice() -> None:
        item = OrderItem.objects.get(pk=item_id)
        item.unit_price_cents = 1_000
        item.save(update_fields=["unit_price_cents"])

    create_while_another_waits(source, move, reprice)
    assert OrderItem.objects.get(pk=item_id).order_id == target.pk
    assert wrong_totals() == []
    assert Order.objects.get(pk=target.pk).total_cents == 1_400
