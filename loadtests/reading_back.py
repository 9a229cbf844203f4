"""Reads the rows of a run back: one by one, through the lists, and by SQL where the database is known."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import psycopg

from reglab.errors import LoadTestError
from reglab.load.operations import Question, Seen, View
from reglab.load.pool import Id
from reglab.load.target.http_client import Api

PAGE_SIZE: Final = 100
PARALLEL: Final = 4
DATABASE_SECONDS_MAX: Final = 60
ORDER_FIELDS: Final = ("customer", "status", "total_cents", "is_archived")
LINE_FIELDS: Final = ("sku", "quantity", "unit_price_cents")


def views(question: Question) -> Sequence[View]:
    """Return the run's rows one by one, and through the list of orders, which shows no archived ones.

    Raises LoadTestError where the service gives no answer.
    """
    api, run = question.api, question.run
    listed = list(_pages(api, f"/api/orders/?email={run}&page_size={PAGE_SIZE}"))
    people = {row["id"]: row["email"] for row in _newest_customers(api, run=run)}
    order_ids = sorted({*question.ids["order"], *(row["id"] for row in listed)}, key=str)
    missing = sorted({*question.ids["customer"]} - people.keys(), key=str)
    with ThreadPoolExecutor(PARALLEL) as pool:
        details = [row for row in pool.map(lambda one: _found(api, f"/api/orders/{one}/"), order_ids) if row]
        persons = pool.map(lambda one: _found(api, f"/api/customers/{one}/"), missing)
        people |= {row["id"]: row["email"] for row in persons if row}
    customers = [_customer(row, email) for row, email in people.items()]
    detail = View(name="detail", rows=(*customers, *_orders(details)))
    archived = {row["id"] for row in details if row["is_archived"]}

    def leaves_out(seen: Seen) -> bool:
        return (seen.id if seen.kind == "order" else seen.fields.get("order")) in archived

    return (
        detail,
        View(name="list", rows=(*customers, *_orders(listed)), is_whole=False, leaves_out=leaves_out),
    )


def database_view(database_url: str, run: str) -> View:
    """Read the run's rows from the database itself. Raises LoadTestError where it cannot be read."""
    try:
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            connection.execute(f"SET statement_timeout = '{DATABASE_SECONDS_MAX}s'")
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
    lines = defaultdict(list)
    for row in items:
        lines[row[1]].append(dict(zip(("id", "order", *LINE_FIELDS), row, strict=True)))
    known = [{**dict(zip(("id", *ORDER_FIELDS), row, strict=True)), "items": lines.pop(row[0], [])} for row in orders]
    orphans = [_item(line, order) for order, rest in lines.items() for line in rest]
    return View(name="database", rows=(*(_customer(*row) for row in people), *_orders(known), *orphans))


def contradictions(view: View) -> Iterator[str]:
    """Say which orders' totals are not the sum of their lines."""
    sums: dict[Any, int] = defaultdict(int)
    for seen in view.rows:
        if seen.kind == "item":
            line: Mapping[str, Any] = seen.fields
            sums[line["order"]] += line["quantity"] * line["unit_price_cents"]
    for seen in view.rows:
        total = seen.fields.get("total_cents")
        if seen.kind == "order" and total != sums[seen.id]:
            yield f"order {seen.id} has total_cents {total}, its lines add up to {sums[seen.id]}: a lost update"


def _customer(row: Id, email: str) -> Seen:
    return Seen(kind="customer", id=row, key=email.partition("@")[0], fields={"email": email})


def _orders(rows: Sequence[dict[str, Any]]) -> Iterator[Seen]:
    """Give orders and their lines. An order carries no key of its own, but each line that it was made with does."""
    for row in rows:
        keys = {line["sku"].rpartition("-")[0] for line in row["items"] if line["sku"].count("-") == 3}
        key = keys.pop() if len(keys) == 1 else ""
        yield Seen(kind="order", id=row["id"], key=key, fields={name: row[name] for name in ORDER_FIELDS})
        yield from (_item(line, row["id"]) for line in row["items"])


def _item(line: dict[str, Any], order: Id) -> Seen:
    fields = {"order": order, **{name: line[name] for name in LINE_FIELDS}}
    return Seen(kind="item", id=line["id"], key=line["sku"], fields=fields)


def _found(api: Api, path: str) -> dict[str, Any] | None:
    reply = api.get(path)
    if reply.status not in (200, 404):
        raise LoadTestError(f"GET {path} answered {reply.status} during the reconciliation: {reply.json}")
    return reply.json if reply.status == 200 else None


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
