"""A row is the run's only where its own content says so; an id proves nothing, and nothing goes without a proof."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from loadtests.operations import LOAD
from reglab.errors import UnsafeTargetError
from reglab.load.operations import Effect, Seen, View
from reglab.load.target.http_client import Reply
from reglab.load.writes.cleanup import BATCH, Cleanup
from reglab.load.writes.write_ledger import Fate, Write
from tools.hostile_front.shop import Shop

RUN = "load0123456789"


@dataclass
class ShopApi:
    """The rows of a stub service, asked without a network."""

    shop: Shop
    deleted: list[str] = field(default_factory=list)

    def request(self, method: str, path: str, body: Any = None, **_: Any) -> Reply:
        """Answer one request."""
        if method == "DELETE":
            self.deleted.append(path)
        status, answer = self.shop.answer(method, path, body)
        return Reply(status=status, json=answer)

    def get(self, path: str) -> Reply:
        """Answer a GET."""
        return self.request("GET", path)


def created(kind: str, row: int) -> Write:
    """Return a write that made a row."""
    effect = Effect(kind=kind, change="create", key=f"{RUN}-p-{row}")
    return Write(number=row, effects=(effect,), fate=Fate.ACKNOWLEDGED, status=201, row=row)


def shop_of(customers: int, *, ours: bool) -> Shop:
    """Return a service with customers of the run, or of others."""
    shop = Shop()
    shop.fill(customers)
    if ours:
        for row in shop.rows["customers"].values():
            row["email"] = f"{RUN}-p-{row['id']}@load.invalid"
        for row in shop.rows["items"].values():
            row["sku"] = f"{RUN}-p-{row['id']}-0"
    return shop


def cleaned(shop: Shop, writes: list[Write], *, proofs: int = 1000) -> tuple[Cleanup, ShopApi]:
    """Clean up with a target that proves itself so many times."""
    api, left = ShopApi(shop), iter(range(proofs))

    def prove() -> None:
        if next(left, None) is None:
            raise UnsafeTargetError("it is another server now")

    cleanup = Cleanup(load=LOAD, api=api, run=RUN, prove=prove)  # type: ignore[arg-type]  # answers as an Api does
    cleanup.remove(writes, [View(name="detail", rows=())])
    return cleanup, api


def test_an_id_of_the_ledger_is_not_ownership() -> None:
    """Rows that have the ids of the run's, and not its id in their content, are left alone and named."""
    writes = [created(kind, row) for kind in ("order", "customer") for row in (1, 2, 3)]
    cleanup, api = cleaned(shop_of(3, ours=False), writes)
    assert (cleanup.removed, api.deleted) == (0, [])
    assert len(cleanup.foreign) == 6


def test_rows_of_the_run_are_removed() -> None:
    """The same rows with the run's id in their content go: orders first, then customers."""
    writes = [created(kind, row) for kind in ("order", "customer") for row in (1, 2, 3)]
    cleanup, api = cleaned(shop_of(3, ours=True), writes)
    assert (cleanup.removed, cleanup.foreign) == (6, ())
    assert api.deleted[0] == "/api/orders/1/"


def test_an_order_with_a_foreign_line_is_not_the_runs() -> None:
    """An order of the run's own customer to which somebody else has added a line stays."""
    shop = shop_of(1, ours=True)
    shop.rows["items"][2] = {"id": 2, "order": 1, "sku": "S-of-somebody", "quantity": 1, "unit_price_cents": 1}
    cleanup, api = cleaned(shop, [created("order", 1)])
    assert (cleanup.removed, api.deleted) == (0, [])


def test_never_more_rows_go_than_the_run_has_created() -> None:
    """A view that shows more rows with the run's id than the ledger has creations of does not widen the deletion."""
    shop, api = shop_of(5, ours=True), None
    seen = tuple(Seen(kind="order", id=row, fields={}) for row in range(1, 6))
    api = ShopApi(shop)
    cleanup = Cleanup(load=LOAD, api=api, run=RUN, prove=lambda: None)  # type: ignore[arg-type]  # as above
    cleanup.remove([created("order", 1), created("order", 2)], [View(name="detail", rows=seen)])
    assert (cleanup.removed, len(api.deleted)) == (2, 2)


def test_each_batch_of_deletions_needs_a_fresh_proof() -> None:
    """A target that ceases to prove itself after the first batch loses that batch and not a row more."""
    writes = [created("order", row) for row in range(1, BATCH + 11)]
    shop = shop_of(BATCH + 10, ours=True)
    with pytest.raises(UnsafeTargetError):
        cleaned(shop, writes, proofs=1)
    assert len(shop.rows["orders"]) == 10
