"""The orders service's load: its kinds of rows, its operations, and what must hold among its rows.

The name LOAD is what `reglab load` reads. `loadtests/reading_back.py` reads the rows of a run back.
"""

from collections.abc import Callable
from random import Random
from types import MappingProxyType
from typing import Any, Final

from loadtests.reading_back import contradictions, database_view, views
from reglab.errors import LoadTestError
from reglab.load.operations import Effect, Kind, Load, Operation, Preparer, Request
from reglab.load.pool import Pool
from reglab.load.target.http_client import Api

# Enough rows for pages and indexes to matter; the run itself never writes to them.
SEED: Final = MappingProxyType({"customers": 100, "orders_per_customer": 5, "items_per_order": 3})


def _order_is_marked(order: Any, run: str) -> bool:
    """An order is the run's where its customer is, and so are all of its lines: a foreign line makes it foreign."""
    skus = [line["sku"] for line in order["items"]]
    return order["customer_email"].startswith(f"{run}-") and all(sku.startswith(f"{run}-") for sku in skus)


# In the order in which rows are removed: an order takes its lines along, and keeps its customer from going.
KINDS: Final = (
    Kind(
        name="order",
        path="/api/orders/{id}/",
        marker=_order_is_marked,
        fields=("customer", "status", "is_archived"),
    ),
    Kind(
        name="customer",
        path="/api/customers/{id}/",
        marker=lambda row, run: row["email"].startswith(f"{run}-"),
        fields=("email",),
    ),
    Kind(
        name="item",
        path="/api/items/{id}/",
        marker=lambda row, run: row["sku"].startswith(f"{run}-"),
        fields=("order", "sku", "quantity", "unit_price_cents"),
        is_removed=False,
    ),
)


def email_of(key: str) -> str:
    """Return the address of the customer that a run made under `key`; `.invalid` is nobody's (RFC 2606)."""
    return f"{key}@load.invalid"


def _get(path: str, *, of: str = "") -> Callable[[Pool, Random], Request]:
    """Build a read; `of` names the rows ("customers", "orders") of which one fills in the path's `{row}`."""

    def request(pool: Pool, draw: Random) -> Request:
        row = pool.choose(of, draw) if of else 0
        return Request(method="GET", path=path.format(run=pool.run, row=row))

    return request


def _create_customer(pool: Pool, draw: Random) -> Request:  # noqa: ARG001  # every builder has one signature
    key = pool.next_key()
    values = {"name": f"Load test {pool.run}", "email": email_of(key)}
    effect = Effect(kind="customer", change="create", key=key, fields={"email": values["email"]})
    return Request(method="POST", path="/api/customers/", json=values, effects=(effect,))


def _create_order(pool: Pool, draw: Random) -> Request:
    key = pool.next_key()
    lines = [_line(f"{key}-{number}", draw) for number in range(draw.randint(1, 3))]
    customer = pool.choose("customers", draw)
    order = Effect(
        kind="order",
        change="create",
        key=key,
        fields={"customer": customer, "status": "paid", "is_archived": False},
    )
    items = [Effect(kind="item", change="create", key=line["sku"], fields=line) for line in lines]
    return Request(
        method="POST",
        path="/api/orders/",
        json={"customer": customer, "status": "paid", "items": lines},
        effects=(order, *items),
    )


def _line(sku: str, draw: Random) -> dict[str, Any]:
    return {"sku": sku, "quantity": draw.randint(1, 9), "unit_price_cents": draw.randint(1, 5000)}


def _add_item(pool: Pool, draw: Random) -> Request:
    key = pool.next_key()
    # Few orders take all new lines: two writers of one total meet often, and a lost update shows.
    order = pool.choose("hot_orders", draw)
    values = {"order": order, **_line(key, draw)}
    effect = Effect(kind="item", change="create", key=key, fields=values, keep="items")
    return Request(method="POST", path="/api/items/", json=values, effects=(effect,), rests_on=(("order", order),))


def _change_item(pool: Pool, draw: Random) -> Request | None:
    item = pool.take("items", draw)
    if item is None:
        return None
    values = {"quantity": draw.randint(1, 9)}
    effect = Effect(kind="item", change="change", key=item.key, row=item.id, fields=values, keep="items")
    return Request(method="PATCH", path=f"/api/items/{item.id}/", json=values, effects=(effect,))


def _delete_item(pool: Pool, draw: Random) -> Request | None:
    item = pool.take("items", draw)
    if item is None:
        return None
    effect = Effect(kind="item", change="delete", key=item.key, row=item.id)
    return Request(method="DELETE", path=f"/api/items/{item.id}/", effects=(effect,))


def _mark(action: str, **fields: Any) -> Callable[[Pool, Random], Request]:
    """Build an action on an order that sets fields of it."""

    def request(pool: Pool, draw: Random) -> Request:
        order = pool.choose("orders", draw)
        effect = Effect(kind="order", change="change", row=order, fields=fields)
        return Request(method="POST", path=f"/api/orders/{order}/{action}/", effects=(effect,))

    return request


OPERATIONS: Final = MappingProxyType(
    {
        "list-orders": Operation(endpoint="GET /api/orders/", request=_get("/api/orders/?page_size=20")),
        "filter-orders": Operation(endpoint="GET /api/orders/", request=_get("/api/orders/?status=paid&email={run}")),
        "read-order": Operation(endpoint="GET /api/orders/{pk}/", request=_get("/api/orders/{row}/", of="orders")),
        "summary": Operation(endpoint="GET /api/orders/summary/", request=_get("/api/orders/summary/?limit=50")),
        "list-customers": Operation(endpoint="GET /api/customers/", request=_get("/api/customers/?page_size=20")),
        "customer-orders": Operation(
            endpoint="GET /api/customers/{pk}/orders/", request=_get("/api/customers/{row}/orders/", of="customers")
        ),
        "create-customer": Operation(endpoint="POST /api/customers/", request=_create_customer, writes=True),
        "create-order": Operation(endpoint="POST /api/orders/", request=_create_order, writes=True),
        "add-item": Operation(endpoint="POST /api/items/", request=_add_item, writes=True),
        "change-item": Operation(
            endpoint="PATCH /api/items/{pk}/", request=_change_item, writes=True, otherwise="add-item"
        ),
        "delete-item": Operation(
            endpoint="DELETE /api/items/{pk}/", request=_delete_item, writes=True, otherwise="add-item"
        ),
        "cancel-order": Operation(
            endpoint="POST /api/orders/{pk}/cancel/", request=_mark("cancel", status="cancelled"), writes=True
        ),
        "archive-order": Operation(
            endpoint="POST /api/orders/{pk}/archive/", request=_mark("archive", is_archived=True), writes=True
        ),
    }
)


def prepare(preparer: Preparer) -> None:
    """Make customers and orders. Lines are added to hot orders alone, which are neither cancelled nor archived."""
    pool, draw, data = preparer.pool, preparer.draw, preparer.data
    pool.shared["customers"] = [preparer.make(_create_customer(pool, draw)) for _ in range(data["customers"])]
    for name in ("hot_orders", "orders"):
        pool.shared[name] = [preparer.make(_create_order(pool, draw)) for _ in range(data[name])]


def seed(api: Api) -> None:
    """Give the reads something to read, in a database that is thrown away afterwards."""
    reply = api.request("POST", "/api/dev/seed/", dict(SEED))
    if reply.status != 201:
        raise LoadTestError(f"POST /api/dev/seed/ answered {reply.status}: {reply.json}")


LOAD: Final = Load(
    kinds=KINDS,
    operations=OPERATIONS,
    data={"customers": 10, "orders": 40, "hot_orders": 4},
    prepare=prepare,
    views=views,
    database_view=database_view,
    contradictions=contradictions,
    ready_path="/healthz/ready",
    environment={
        "SERVICE_ENVIRONMENT": "test",
        "SERVICE_REVISION": "{revision}",
        "SERVER_TIMING": "1",
        "CONN_MAX_AGE": "60",
        "EXTRA_APPS": "",
    },
    seed=seed,
    profiler={"SILK": "1", "SERVER_TIMING": "0"},
)
