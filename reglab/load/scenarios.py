"""The requests that a load is mixed of, and what each promises to write."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any, Final

from reglab.load.generator.worker_data import Rows, email_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a write is about to do, as the write ledger keeps it: `key` is unique among all writes of the run.

    `kind` is customer, order or item; `verb` create, change, delete, cancel or archive; `row` the id of the row that
    is written, 0 where the service has yet to choose it; `values` what the row must hold afterwards.
    """

    kind: str
    verb: str
    key: str
    row: int = 0
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, ready to be sent."""

    method: str
    path: str
    body: bytes | None = None
    intent: Intent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of request. `request` is None where there is no row to work on yet; then `otherwise` is sent."""

    endpoint: str
    request: Callable[[Rows, Random], Request | None]
    writes: bool = False
    otherwise: str = ""


def _get(path: str, *, of: str = "") -> Callable[[Rows, Random], Request]:
    """Build a read; `of` names the rows ("customers", "orders") of which one fills in the path's `{row}`."""

    def request(rows: Rows, random: Random) -> Request:
        row = random.choice(getattr(rows, of)) if of else 0
        return Request(method="GET", path=path.format(run=rows.run, row=row))

    return request


def _post(path: str, intent: Intent) -> Request:
    return Request(method="POST", path=path, body=json.dumps(intent.values).encode(), intent=intent)


def _create_customer(rows: Rows, random: Random) -> Request:  # noqa: ARG001  # every builder has one signature
    key = rows.next_key()
    values = {"name": f"Load test {rows.run}", "email": email_of(key)}
    return _post("/api/customers/", Intent(kind="customer", verb="create", key=key, values=values))


def _create_order(rows: Rows, random: Random) -> Request:
    key = rows.next_key()
    lines = [_line(f"{key}-{number}", random) for number in range(random.randint(1, 3))]
    values = {"customer": random.choice(rows.customers), "status": "paid", "items": lines}
    return _post("/api/orders/", Intent(kind="order", verb="create", key=key, values=values))


def _line(sku: str, random: Random) -> dict[str, Any]:
    return {"sku": sku, "quantity": random.randint(1, 9), "unit_price_cents": random.randint(1, 5000)}


def _add_item(rows: Rows, random: Random) -> Request:
    key = rows.next_key()
    # Few orders take all new lines: two writers of one total meet often, and a lost update shows.
    values = {"order": random.choice(rows.hot_orders), **_line(key, random)}
    return _post("/api/items/", Intent(kind="item", verb="create", key=key, values=values))


def _change_item(rows: Rows, random: Random) -> Request | None:
    if not rows.items:
        return None
    item = rows.items.pop(random.randrange(len(rows.items)))
    values = {"quantity": random.randint(1, 9)}
    return Request(
        method="PATCH",
        path=f"/api/items/{item.id}/",
        body=json.dumps(values).encode(),
        intent=Intent(kind="item", verb="change", key=item.sku, row=item.id, values=values),
    )


def _delete_item(rows: Rows, random: Random) -> Request | None:
    if not rows.items:
        return None
    item = rows.items.pop(random.randrange(len(rows.items)))
    intent = Intent(kind="item", verb="delete", key=item.sku, row=item.id, values={})
    return Request(method="DELETE", path=f"/api/items/{item.id}/", intent=intent)


def _mark(verb: str) -> Callable[[Rows, Random], Request]:
    def request(rows: Rows, random: Random) -> Request:
        order = random.choice(rows.orders)
        intent = Intent(kind="order", verb=verb, key=rows.next_key(), row=order, values={})
        return Request(method="POST", path=f"/api/orders/{order}/{verb}/", intent=intent)

    return request


SCENARIOS: Final = MappingProxyType(
    {
        "list-orders": Scenario(endpoint="GET /api/orders/", request=_get("/api/orders/?page_size=20")),
        "filter-orders": Scenario(endpoint="GET /api/orders/", request=_get("/api/orders/?status=paid&email={run}")),
        "read-order": Scenario(endpoint="GET /api/orders/{pk}/", request=_get("/api/orders/{row}/", of="orders")),
        "summary": Scenario(endpoint="GET /api/orders/summary/", request=_get("/api/orders/summary/?limit=50")),
        "list-customers": Scenario(endpoint="GET /api/customers/", request=_get("/api/customers/?page_size=20")),
        "customer-orders": Scenario(
            endpoint="GET /api/customers/{pk}/orders/", request=_get("/api/customers/{row}/orders/", of="customers")
        ),
        "create-customer": Scenario(endpoint="POST /api/customers/", request=_create_customer, writes=True),
        "create-order": Scenario(endpoint="POST /api/orders/", request=_create_order, writes=True),
        "add-item": Scenario(endpoint="POST /api/items/", request=_add_item, writes=True),
        "change-item": Scenario(
            endpoint="PATCH /api/items/{pk}/", request=_change_item, writes=True, otherwise="add-item"
        ),
        "delete-item": Scenario(
            endpoint="DELETE /api/items/{pk}/", request=_delete_item, writes=True, otherwise="add-item"
        ),
        "cancel-order": Scenario(endpoint="POST /api/orders/{pk}/cancel/", request=_mark("cancel"), writes=True),
        "archive-order": Scenario(endpoint="POST /api/orders/{pk}/archive/", request=_mark("archive"), writes=True),
    }
)
WRITES: Final = frozenset(name for name, scenario in SCENARIOS.items() if scenario.writes)
READS: Final = frozenset(SCENARIOS) - WRITES


def request_of(name: str, rows: Rows, random: Random) -> Request:
    """Build the next request of a scenario, or of the one that makes the rows which it lacks."""
    scenario = SCENARIOS[name]
    request = scenario.request(rows, random)
    return request if request is not None else request_of(scenario.otherwise, rows, random)
