"""Makes test data by the million on PostgreSQL: COPY in batches, in constant memory, resumed where it stopped."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from service.orders import seeding
from service.orders.models import Customer
from service.orders.seeding import SeedCounts, SeedSize

# One transaction each: what an interruption costs, and what is held in memory.
BATCH_ROWS = 50_000
PIECE_ROWS = 1_000
COPIES = {
    "customers": "COPY orders_customer (id, name, email, is_active, created_at) FROM STDIN",
    "orders": "COPY orders_order (id, customer_id, status, total_cents, is_archived, created_at, updated_at)"
    " FROM STDIN",
    "items": "COPY orders_orderitem (order_id, sku, quantity, unit_price_cents) FROM STDIN",
}


def copy(size: SeedSize, *, token: str, progress: Callable[[int], object]) -> SeedCounts:
    """Fill up to `size` with the rows that `seed` would make, the addresses with `token`; return what was added.

    A batch of customers with all that belongs to them is there or not: a second call with the same token and size goes
    on behind the last one. `progress` is called with each batch's customers, those of earlier calls first.
    """
    done = Customer.objects.filter(email__endswith=f".{token}@seed.example").count()
    progress(done)
    batch = max(1, BATCH_ROWS // (1 + size.orders_per_customer * (1 + size.items_per_order)))
    first = done
    with connection.cursor() as cursor:
        # The limit is for requests.
        cursor.execute("SET statement_timeout = 0")
    while first < size.customers:
        numbers = range(first, min(first + batch, size.customers))
        with transaction.atomic():
            _copy_batch(numbers, size=size, token=token)
        progress(len(numbers))
        first = numbers.stop
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    customers = max(size.customers - done, 0)
    orders = customers * size.orders_per_customer
    return SeedCounts(customers=customers, orders=orders, items=orders * size.items_per_order)


def _copy_batch(numbers: range, *, size: SeedSize, token: str) -> None:
    customer_ids = _new_ids("orders_customer", len(numbers))
    order_ids = _new_ids("orders_order", len(numbers) * size.orders_per_customer)
    _send("customers", _customers(numbers, customer_ids, token))
    _send("orders", _orders(numbers, customer_ids, order_ids, size))
    _send("items", _items(numbers, order_ids, size))


def _new_ids(table: str, how_many: int) -> list[int]:
    """Take ids from the table's own sequence: another writer never gets the same ones."""
    with connection.cursor() as cursor:
        # The sequence is looked up once: among the columns, it would be for each id.
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [*cursor.fetchone(), how_many])
        return [key for (key,) in cursor.fetchall()]


def _send(kind: str, lines: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        driver: Any = cursor.cursor
        with driver.copy(COPIES[kind]) as stream:
            # In pieces, so that the server stores one while the next is made.
            while piece := "".join(islice(lines, PIECE_ROWS)):
                stream.write(piece)


def _customers(numbers: range, ids: list[int], token: str) -> Iterator[str]:
    now = timezone.now()
    for key, number in zip(ids, numbers, strict=True):
        is_active = "f" if number % 10 == 9 else "t"
        yield f"{key}\tCustomer {number}\tcustomer-{number}.{token}@seed.example\t{is_active}\t{now}\n"


def _orders(numbers: range, customer_ids: list[int], order_ids: list[int], size: SeedSize) -> Iterator[str]:
    statuses = [status.value for status in seeding.STATUSES]
    keys, times = iter(order_ids), _times(timezone.now())
    order = numbers.start * size.orders_per_customer
    for customer, number in zip(customer_ids, numbers, strict=True):
        for place in range(size.orders_per_customer):
            status = statuses[(number + place) % len(statuses)]
            is_archived = "t" if (number + 3 * place) % 11 == 10 else "f"
            cents = seeding.total_cents(order, lines=size.items_per_order)
            time = next(times)
            yield f"{next(keys)}\t{customer}\t{status}\t{cents}\t{is_archived}\t{time}\t{time}\n"
            order += 1


def _times(start: datetime) -> Iterator[str]:
    """Yield the microseconds after `start`, so that the lists have one order; `str()` of each would take longest."""
    first = start.microsecond + 1
    for second in count(int(start.timestamp())):
        prefix = datetime.fromtimestamp(second, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
        for microsecond in range(first, 1_000_000):
            yield f"{prefix}.{microsecond:06}+00"
        first = 0


def _items(numbers: range, order_ids: list[int], size: SeedSize) -> Iterator[str]:
    first = numbers.start * size.orders_per_customer
    lines = [(line, seeding.quantity(line)) for line in range(size.items_per_order)]
    for order, key in enumerate(order_ids, start=first):
        for line, quantity in lines:
            price = seeding.unit_price_cents(order, line)
            yield f"{key}\tSKU-{(order + line) % 97:03}\t{quantity}\t{price}\n"
