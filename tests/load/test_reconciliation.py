"""The ledger against what is there: each rule with a case that breaks it and one that does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.load.scenarios import Intent
from reglab.load.writes.actual_state import ItemSeen, Observed, OrderSeen
from reglab.load.writes.expected_state import expected_of
from reglab.load.writes.reconciliation import contradictions, differences
from reglab.load.writes.write_ledger import Fate, Write, WriteLedger, fate_of, read_ledgers

LINE = {"sku": "r-1-0", "quantity": 2, "unit_price_cents": 50}
CUSTOMER = Write(
    number=1,
    intent=Intent(kind="customer", verb="create", key="r-0", values={"name": "n", "email": "r-0@load.invalid"}),
    fate=Fate.ACKNOWLEDGED,
    status=201,
    row=1,
    source="ledger-a",
)
ORDER = Write(
    number=2,
    intent=Intent(kind="order", verb="create", key="r-1", values={"customer": 1, "status": "paid", "items": [LINE]}),
    fate=Fate.ACKNOWLEDGED,
    status=201,
    row=10,
    source="ledger-a",
)
ITEM = Write(
    number=3,
    intent=Intent(
        kind="item",
        verb="create",
        key="r-2",
        values={"order": 10, "sku": "r-2", "quantity": 3, "unit_price_cents": 7},
    ),
    fate=Fate.ACKNOWLEDGED,
    status=201,
    row=21,
    source="ledger-a",
)
WRITES = (CUSTOMER, ORDER, ITEM)
SEEN = Observed(
    view="detail",
    customers={1: "r-0@load.invalid"},
    orders={10: OrderSeen(id=10, customer=1, status="paid", total_cents=121, is_archived=False)},  # 2 x 50 + 3 x 7
    items=(
        ItemSeen(id=20, order=10, sku="r-1-0", quantity=2, unit_price_cents=50),
        ItemSeen(id=21, order=10, sku="r-2", quantity=3, unit_price_cents=7),
    ),
)


def follow(
    verb: str, *, kind: str = "item", key: str = "r-2", row: int = 21, fate: Fate = Fate.ACKNOWLEDGED, **values: Any
) -> Write:
    """Return a later write."""
    intent = Intent(kind=kind, verb=verb, key=key, row=row, values=values)
    return Write(number=9, intent=intent, fate=fate, status=200, row=row, source="ledger-a")


def found(writes: tuple[Write, ...], seen: Observed) -> list[str]:
    """Return what is wrong, as "kind: text"."""
    return [f"{each.kind}: {each.text}" for each in contradictions(expected_of(writes), seen)]


def seen_with(**changes: Any) -> Observed:
    """Return what was seen, with the order changed."""
    return replace(SEEN, orders={10: replace(SEEN.orders[10], **changes)})


def without_line() -> Observed:
    """Return what was seen without the second line, its total right."""
    return replace(SEEN, items=SEEN.items[:1], orders={10: replace(SEEN.orders[10], total_cents=100)})


def test_what_agrees_is_not_reported() -> None:
    """A ledger whose every write is in effect contradicts nothing."""
    assert not found(WRITES, SEEN)


def test_a_lost_line_is_lost() -> None:
    """An acknowledged line that is not there is a lost write, named with its place in the ledger."""
    (text,) = found(WRITES, without_line())
    assert text.startswith("lost: item r-2 was acknowledged and is there 0 times: create item, write 3 of ledger-a")


def test_a_line_written_twice_is_not_there_once() -> None:
    """Exactly once: a second row with the same key is reported."""
    twin = replace(SEEN.items[1], id=22)
    seen = replace(SEEN, items=(*SEEN.items, twin), orders={10: replace(SEEN.orders[10], total_cents=142)})
    assert [text.partition(":")[0] for text in found(WRITES, seen)] == ["lost"]


def test_a_vanished_customer_is_lost() -> None:
    """The bug that started this project: the customer of a cancelled order is gone."""
    assert (
        "customer r-0@load.invalid was acknowledged and is there 0 times"
        in found(WRITES, replace(SEEN, customers={}))[0]
    )


@pytest.mark.parametrize("seen", [SEEN, without_line()])
def test_an_unknown_write_may_or_may_not_have_happened(seen: Observed) -> None:
    """A write without an answer is allowed both ways."""
    assert not found((CUSTOMER, ORDER, replace(ITEM, fate=Fate.UNKNOWN, row=0)), seen)


def test_a_refused_write_that_is_there_all_the_same_is_reported() -> None:
    """A 4xx promises that nothing was written."""
    assert found((CUSTOMER, ORDER, replace(ITEM, fate=Fate.FAILED, row=0)), SEEN)[0].startswith(
        "violation: item r-2 was refused"
    )


def test_a_row_without_an_intent_is_reported() -> None:
    """Customer, order and line: whatever the ledger does not know must not be there."""
    texts = found((), SEEN)
    assert len([text for text in texts if "without an intent" in text]) == 4


def test_a_lost_update_of_the_total_is_reported() -> None:
    """A total that is not the sum of its lines names the order and both figures."""
    assert found(WRITES, seen_with(total_cents=100)) == [
        "violation: order 10 has total_cents 100, its lines add up to 121: a lost update (seen by detail)"
    ]


@pytest.mark.parametrize(("fate", "quantity", "is_wrong"), [
    (Fate.ACKNOWLEDGED, 3, True),
    (Fate.ACKNOWLEDGED, 5, False),
    (Fate.UNKNOWN, 3, False),
    (Fate.UNKNOWN, 5, False),
    (Fate.UNKNOWN, 4, True),
    (Fate.FAILED, 3, False),
    (Fate.FAILED, 5, True),
])  # fmt: skip
def test_a_change_is_in_effect_as_far_as_its_fate_says(fate: Fate, quantity: int, *, is_wrong: bool) -> None:
    """Acknowledged: the new value. Refused: the former one. Unknown: one of the two, and no third."""
    line = replace(SEEN.items[1], quantity=quantity)
    seen = replace(
        SEEN, items=(SEEN.items[0], line), orders={10: replace(SEEN.orders[10], total_cents=100 + 7 * quantity)}
    )
    assert bool(found((*WRITES, follow("change", fate=fate, quantity=5)), seen)) is is_wrong


def test_an_acknowledged_deletion_is_final() -> None:
    """A line that is there after its deletion was acknowledged is a lost write; one that is gone is well."""
    assert found((*WRITES, follow("delete")), SEEN)[0].startswith("lost: item r-2 is still there")
    assert not found((*WRITES, follow("delete")), without_line())


@pytest.mark.parametrize(
    ("verb", "field", "value"), [("cancel", "status", "cancelled"), ("archive", "is_archived", True)]
)
def test_an_acknowledged_mark_is_in_effect(verb: str, field: str, *, value: object) -> None:
    """Cancelling and archiving are lost writes where the order does not show them."""
    mark = follow(verb, kind="order", key="r-9", row=10)
    assert found((*WRITES, mark), SEEN)[0].startswith(f"lost: order 10 has {field}")
    assert not found((*WRITES, mark), seen_with(**{field: value}))


def test_a_status_that_nobody_wrote_is_reported() -> None:
    """An order that is shipped though no write of the run shipped it."""
    assert found(WRITES, seen_with(status="shipped"))[0].startswith("violation: order 10 has status 'shipped'")


def test_two_views_that_differ_are_reported() -> None:
    """The list, the detail and the database show one truth; an archived order may be missing from the list alone."""
    listed = replace(SEEN, view="list", orders={10: replace(SEEN.orders[10], total_cents=0)})
    assert "order 10 differs: detail has" in differences(SEEN, listed)[0].text
    assert not differences(SEEN, replace(SEEN, view="list"))
    archived, gone = seen_with(is_archived=True), Observed(view="list", customers={}, orders={}, items=())
    assert not differences(archived, gone)
    assert differences(archived, replace(gone, view="database"))


def test_a_ledger_survives_the_death_of_its_process(tmp_path: Path) -> None:
    """A write that was intended and never settled is open; a line that was cut in the middle is left out."""
    ledger = WriteLedger.create(tmp_path / "ledger-a.jsonl")
    number = ledger.intend(CUSTOMER.intent)
    ledger.settle(number, fate=Fate.ACKNOWLEDGED, status=201, row=1)
    ledger.intend(ITEM.intent)
    ledger.close()
    with (tmp_path / "ledger-a.jsonl").open("ab") as stream:
        stream.write(b'{"number":3,"inte')
    assert [(write.fate, write.row) for write in read_ledgers(tmp_path)] == [(Fate.ACKNOWLEDGED, 1), (Fate.OPEN, 0)]


@pytest.mark.parametrize(
    ("status", "fate"),
    [(201, Fate.ACKNOWLEDGED), (204, Fate.ACKNOWLEDGED), (404, Fate.FAILED), (500, Fate.UNKNOWN), (0, Fate.UNKNOWN)],
)
def test_a_status_tells_the_fate_of_a_write(status: int, fate: Fate) -> None:
    """A 5xx may come from a proxy behind which the write was done: only a 4xx refuses."""
    assert fate_of(status) is fate
