"""The run's rows as the service shows them afterwards: through its API, and by SQL where the database is known."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from reglab.errors import LoadTestError
from reglab.load.http_client import Api, Reply

PAGE_SIZE = 100
PARALLEL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order as it was found."""

    id: int
    customer: int
    status: str
    total_cents: int
    is_archived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSeen:
    """A line as it was found."""

    id: int
    order: int
    sku: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All rows of a run in one view. `customers` maps ids to addresses."""

    view: str
    customers: dict[int, str]
    orders: dict[int, OrderSeen]
    items: tuple[ItemSeen, ...]


def observed_by_api(
    api: Api, *, run: str, customers: Iterable[int], orders: Iterable[int]
) -> tuple[Observed, Observed]:
    """Read the run's rows one by one, and through the list: two views, "detail" and "list".

    `customers` and `orders` are the ids that the ledger knows; the lists show what it does not know.
    Raises LoadTestError where the service gives no answer.
    """
    listed = list(_pages(api, f"/api/orders/?email={run}&page_size={PAGE_SIZE}"))
    people = {row["id"]: row["email"] for row in _newest_customers(api, run=run)}
    order_ids = sorted({*orders, *(row["id"] for row in listed)})
    with ThreadPoolExecutor(PARALLEL) as pool:
        details = [
            reply.json
            for reply in pool.map(lambda row: _found(api, f"/api/orders/{row}/"), order_ids)
            if reply is not None
        ]
        persons = pool.map(lambda row: _found(api, f"/api/customers/{row}/"), sorted({*customers} - people.keys()))
        people |= {reply.json["id"]: reply.json["email"] for reply in persons if reply is not None}
    return _view("detail", people, details), _view("list", people, listed)


def observed_by_sql(database_url: str, *, run: str) -> Observed:
    """Read the run's rows from the database itself. Raises LoadTestError where it cannot be read."""
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            people = connection.execute(
                "SELECT id, email FROM orders_customer WHERE email LIKE %s", [f"{run}-%"]
            ).fetchall()
            orders = connection.execute(
                "SELECT id, customer_id, status, total_cents, is_archived FROM orders_order "
                "WHERE customer_id = ANY(%s) OR id IN (SELECT order_id FROM orders_orderitem WHERE sku LIKE %s)",
                [[row[0] for row in people], f"{run}-%"],
            ).fetchall()
            items = connection.execute(
                "SELECT id, order_id, sku, quantity, unit_price_cents FROM orders_orderitem "
                "WHERE order_id = ANY(%s) OR sku LIKE %s",
                [[row[0] for row in orders], f"{run}-%"],
            ).fetchall()
    except psycopg.Error as error:
        raise LoadTestError(f"the database cannot be read for the reconciliation: {error}") from None
    return Observed(
        view="database",
        customers=dict(people),
        orders={
            row[0]: OrderSeen(id=row[0], customer=row[1], status=row[2], total_cents=row[3], is_archived=row[4])
            for row in orders
        },
        items=tuple(
            ItemSeen(id=row[0], order=row[1], sku=row[2], quantity=row[3], unit_price_cents=row[4]) for row in items
        ),
    )


def _view(view: str, people: dict[int, str], orders: list[dict[str, Any]]) -> Observed:
    return Observed(
        view=view,
        customers=people,
        orders={row["id"]: OrderSeen(**{name: row[name] for name in OrderSeen.__dataclass_fields__}) for row in orders},
        items=tuple(
            ItemSeen(order=row["id"], **{name: line[name] for name in ("id", "sku", "quantity", "unit_price_cents")})
            for row in orders
            for line in row["items"]
        ),
    )


def _found(api: Api, path: str) -> Reply | None:
    reply = api.get(path)
    if reply.status not in (200, 404):
        raise LoadTestError(f"GET {path} answered {reply.status} during the reconciliation: {reply.json}")
    return reply if reply.status == 200 else None


def _pages(api: Api, path: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a list, page by page."""
    number = 1
    while True:
        reply = api.get(f"{path}&page={number}")
        if reply.status != 200:
            raise LoadTestError(f"GET {path} answered {reply.status} during the reconciliation: {reply.json}")
        yield from reply.json["results"]
        if not reply.json["next"]:
            return
        number += 1


def _newest_customers(api: Api, *, run: str) -> Iterator[dict[str, Any]]:
    """Give the run's customers from the list, newest first, until a whole page has none of them."""
    strangers = 0
    for row in _pages(api, f"/api/customers/?page_size={PAGE_SIZE}"):
        if row["email"].startswith(f"{run}-"):
            strangers = 0
            yield row
        else:
            strangers += 1
            if strangers >= PAGE_SIZE:
                return
