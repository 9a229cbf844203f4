"""The ledger against what is there: each rule with a case that breaks it and one that does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loadtests.operations import LOAD
from reglab.errors import LoadTestError
from reglab.load.operations import Effect, Request, Seen, View
from reglab.load.run_facts import RunFacts, read_run_facts
from reglab.load.writes.cleanup import unseen
from reglab.load.writes.expected_state import Expected
from reglab.load.writes.reconciliation import contradictions, differences
from reglab.load.writes.teardown import Settlement, unshown_fields
from reglab.load.writes.write_ledger import Fate, Write, WriteLedger, fate_of, read_ledgers
from reglab.report.records import RemarkKind


def write(*effects: Effect, number: int, row: int = 0, fate: Fate = Fate.ACKNOWLEDGED, **place: Any) -> Write:
    """Return a write of the ledger "ledger-a"; its lines stand at twice its number, one after the other."""
    where: dict[str, Any] = {"source": "ledger-a", "began": 2 * number, "ended": 2 * number + 1} | place
    return Write(number=number, effects=effects, fate=fate, status=200, row=row, **where)


LINE: dict[str, str | int] = {"order": 10, "sku": "r-2", "quantity": 3, "unit_price_cents": 7}
CUSTOMER = write(
    Effect(kind="customer", change="create", key="r-0", fields={"email": "r-0@load.invalid"}), number=1, row=1
)
ORDER = write(
    Effect(kind="order", change="create", key="r-1", fields={"status": "paid", "is_archived": False}),
    Effect(kind="item", change="create", key="r-1-0", fields={"quantity": 2, "unit_price_cents": 50}),
    number=2,
    row=10,
)
ITEM = write(Effect(kind="item", change="create", key="r-2", fields=LINE), number=3, row=21)
WRITES = (CUSTOMER, ORDER, ITEM)
THERE = {
    "customer": Seen(kind="customer", id=1, key="r-0", fields={"email": "r-0@load.invalid"}),
    # 2 x 50 + 3 x 7
    "order": Seen(
        kind="order",
        id=10,
        key="r-1",
        fields={"customer": 1, "status": "paid", "total_cents": 121, "is_archived": False},
    ),
    "first": Seen(
        kind="item", id=20, key="r-1-0", fields={"order": 10, "sku": "r-1-0", "quantity": 2, "unit_price_cents": 50}
    ),
    "second": Seen(kind="item", id=21, key="r-2", fields=LINE),
}


def view(name: str = "detail", *, without: str = "", **fields: dict[str, Any]) -> View:
    """Return what was seen, with the fields of some rows changed, and one row left out."""
    rows = tuple(
        replace(seen, fields={**seen.fields, **fields.get(place, {})})
        for place, seen in THERE.items()
        if place != without
    )
    return View(name=name, rows=rows)


SEEN = view()
WITHOUT_LINE = view(without="second", order={"total_cents": 100})


def follow(change: Any, *, kind: str = "item", row: int = 21, fate: Fate = Fate.ACKNOWLEDGED, **fields: Any) -> Write:
    """Return a later write of the same ledger."""
    return write(Effect(kind=kind, change=change, row=row, fields=fields), number=9, row=row, fate=fate)


def found(writes: tuple[Write, ...], seen: View) -> list[str]:
    """Return what is wrong, as "kind: text"."""
    return [f"{each.kind}: {each.text}" for each in contradictions(LOAD, Expected(writes), seen)]


def test_what_agrees_is_not_reported() -> None:
    """A ledger whose every write is in effect contradicts nothing."""
    assert not found(WRITES, SEEN)


def test_a_lost_line_is_lost() -> None:
    """An acknowledged line that is not there is a lost write, named with its place in the ledger."""
    (text,) = found(WRITES, WITHOUT_LINE)
    assert text.startswith(
        "lost: item 21 (r-2) was acknowledged and is there 0 times: create item, write 3 of ledger-a"
    )


def test_a_line_written_twice_is_not_there_once() -> None:
    """Exactly once: a second row with the same key is reported."""
    seen = view(order={"total_cents": 142})
    twice = replace(seen, rows=(*seen.rows, replace(THERE["second"], id=22)))
    assert [text.partition(":")[0] for text in found(WRITES, twice)] == ["lost"]


def test_a_vanished_customer_is_lost() -> None:
    """The bug that started this project: the customer of a cancelled order is gone."""
    assert "customer 1 (r-0) was acknowledged and is there 0 times" in found(WRITES, view(without="customer"))[0]


@pytest.mark.parametrize("seen", [SEEN, WITHOUT_LINE])
def test_an_unknown_write_may_or_may_not_have_happened(seen: View) -> None:
    """A write without an answer is allowed both ways."""
    assert not found((CUSTOMER, ORDER, replace(ITEM, fate=Fate.UNKNOWN, row=0)), seen)


def test_a_refused_write_that_is_there_all_the_same_is_reported() -> None:
    """A 4xx promises that nothing was written."""
    assert found((CUSTOMER, ORDER, replace(ITEM, fate=Fate.FAILED, row=0)), SEEN)[0].startswith(
        "violation: item 21 (r-2) was refused"
    )


def test_a_row_without_an_intent_is_reported() -> None:
    """Customer, order and line: whatever the ledger does not know must not be there."""
    texts = found((), SEEN)
    assert len([text for text in texts if "without an intent" in text]) == 4


def test_a_lost_update_of_the_total_is_reported() -> None:
    """A total that is not the sum of its lines names the order and both figures."""
    assert found(WRITES, view(order={"total_cents": 100})) == [
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
    seen = view(second={"quantity": quantity}, order={"total_cents": 100 + 7 * quantity})
    assert bool(found((*WRITES, follow("change", fate=fate, quantity=5)), seen)) is is_wrong


def test_an_acknowledged_deletion_is_final() -> None:
    """A line that is there after its deletion was acknowledged is a lost write; one that is gone is well."""
    assert found((*WRITES, follow("delete")), SEEN)[0].startswith("lost: item 21 (r-2) is still there")
    assert not found((*WRITES, follow("delete")), WITHOUT_LINE)


@pytest.mark.parametrize(("field", "value"), [("status", "cancelled"), ("is_archived", True)])
def test_an_acknowledged_mark_is_in_effect(field: str, *, value: Any) -> None:
    """Cancelling and archiving are lost writes where the order does not show them."""
    mark = follow("change", kind="order", row=10, **{field: value})
    assert found((*WRITES, mark), SEEN)[0].startswith(f"lost: order 10 (r-1) has {field}")
    assert not found((*WRITES, mark), view(order={field: value}))


def test_a_status_that_nobody_wrote_is_reported() -> None:
    """An order that is shipped though no write of the run shipped it."""
    (text,) = found(WRITES, view(order={"status": "shipped"}))
    assert text.startswith("violation: order 10 (r-1) has status 'shipped'")


def test_changes_that_follow_each_other_leave_the_last_one() -> None:
    """Open, cancel, reopen, cancel: within one ledger the order is known, and the last acknowledged value stands."""
    states = [
        write(Effect(kind="order", change="change", row=10, fields={"status": status}), number=number, row=10)
        for number, status in ((4, "cancelled"), (5, "paid"), (6, "cancelled"))
    ]
    assert not found((*WRITES, *states), view(order={"status": "cancelled"}))
    assert found((*WRITES, *states), SEEN)[0].startswith("lost: order 10 (r-1) has status 'paid'")


def test_changes_that_overlap_may_end_in_any_of_their_values() -> None:
    """Two workers, or two requests under way at once: either may be the last; what was before both may not."""
    first = write(Effect(kind="order", change="change", row=10, fields={"status": "cancelled"}), number=4, row=10)
    overlapping = write(
        Effect(kind="order", change="change", row=10, fields={"status": "shipped"}),
        number=5,
        row=10,
        began=first.began + 1,
        ended=first.ended + 5,
    )
    first = replace(first, ended=overlapping.began + 1)
    other = replace(overlapping, source="ledger-b")
    for second in (overlapping, other):
        for status, is_wrong in (("cancelled", False), ("shipped", False), ("draft", True)):
            assert bool(found((*WRITES, first, second), view(order={"status": status}))) is is_wrong


def test_two_views_that_differ_are_reported() -> None:
    """The list, the detail and the database show one truth; what a view leaves out by its own word may be missing."""
    listed = replace(view("list", order={"total_cents": 0}), is_whole=False)
    assert "order 10 differs: detail has" in differences(SEEN, listed)[0].text
    assert not differences(SEEN, view("list"))
    archived = view(order={"is_archived": True})
    gone = View(name="list", rows=(), leaves_out=lambda seen: seen.kind != "customer")
    assert [each.text.partition(" ")[0] for each in differences(archived, gone)] == ["customer"]
    assert len(differences(archived, View(name="database", rows=()))) == 4


@pytest.mark.parametrize(
    "line", ['{"number": 1, "effects": [5]}', "5", '{"number": 1, "effects": 7, "request": "x"}', '{"effects": []}']
)
def test_what_is_no_ledger_is_one_sentence(tmp_path: Path, line: str) -> None:
    """A line that is JSON, and none of ours: the file and what is wrong, never an error of the harness."""
    (tmp_path / "ledger-1-0.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(LoadTestError, match=r"ledger-1-0\.jsonl: it is no write ledger"):
        read_ledgers(tmp_path)


@pytest.mark.parametrize(
    "facts", [{"run": ""}, {"run": "load"}, {"run": "load0123456789x"}, {"place": ""}, {"origin": 5}, {"more": 1}]
)
def test_facts_that_no_run_wrote_remove_nothing(tmp_path: Path, facts: dict[str, object]) -> None:
    """Any row carries an empty id: what is to be removed is named by a run's own id, origin and place, or not."""
    sound = {"run": "load0123456789", "origin": "http://127.0.0.1:8000", "place": "here"}
    (tmp_path / "run.json").write_text(json.dumps(sound), encoding="utf-8")
    assert read_run_facts(tmp_path) == RunFacts(**sound)
    (tmp_path / "run.json").write_text(json.dumps(sound | facts), encoding="utf-8")
    with pytest.raises(LoadTestError, match="says not which rows"):
        read_run_facts(tmp_path)


def test_a_field_that_no_answer_shows_leaves_the_run_undecided() -> None:
    """Written and never seen, it was compared with nothing: said by name. Seen once, or of a kind without rows: not."""
    fields: dict[str, str | int] = {"title": "t", "colour": "blue"}
    books = write(Effect(kind="book", change="create", key="r-5", fields=fields), number=5, row=5)
    shelves = write(Effect(kind="shelf", change="create", key="r-6", fields={"name": "n"}), number=6, row=6)
    seen = View(name="detail", rows=(Seen(kind="book", id=5, fields={"title": "t"}),))
    assert unshown_fields([books, shelves], [seen]) == ("book.colour",)
    remarks = list(Settlement(unshown=("book.colour",)).remarks("smoke"))
    assert [each.kind for each in remarks] == [RemarkKind.INCONCLUSIVE, RemarkKind.NOTE]
    assert "the load writes book.colour, and no answer shows it" in remarks[0].text


def test_rows_that_nobody_can_look_for_may_be_left() -> None:
    """Made without an answer, or with one that held no id: named. Refused, or known by its id: not."""
    effect = Effect(kind="book", change="create", key="load0123456789-1")
    one = Write(number=1, effects=(effect,), request="POST /books/")
    lost = [
        replace(one, fate=Fate.OPEN),
        replace(one, fate=Fate.UNKNOWN, status=500),
        replace(one, fate=Fate.ACKNOWLEDGED, status=201),
    ]
    known = [replace(one, fate=Fate.FAILED, status=400), replace(one, fate=Fate.ACKNOWLEDGED, status=201, row=7)]
    assert len(unseen([*lost, *known])) == len(lost)
    assert "POST /books/ got no answer with its id" in unseen(lost)[0]


def test_a_ledger_survives_the_death_of_its_process(tmp_path: Path) -> None:
    """A write that was intended and never settled is open; a line that was cut in the middle is left out."""
    ledger = WriteLedger.create(tmp_path / "ledger-a.jsonl")
    request = Request(method="POST", path="/api/customers/", effects=CUSTOMER.effects)
    number = ledger.intend(request)
    ledger.settle(number, fate=Fate.ACKNOWLEDGED, status=201, row=1)
    ledger.intend(replace(request, effects=ITEM.effects))
    ledger.close()
    with (tmp_path / "ledger-a.jsonl").open("ab") as stream:
        stream.write(b'{"number":3,"effe')
    writes = read_ledgers(tmp_path)
    assert [(one.fate, one.row) for one in writes] == [(Fate.ACKNOWLEDGED, 1), (Fate.OPEN, 0)]
    assert [one.effects for one in writes] == [CUSTOMER.effects, ITEM.effects]


@pytest.mark.parametrize(
    ("status", "fate"),
    [(201, Fate.ACKNOWLEDGED), (204, Fate.ACKNOWLEDGED), (404, Fate.FAILED), (500, Fate.UNKNOWN), (0, Fate.UNKNOWN)],
)
def test_a_status_tells_the_fate_of_a_write(status: int, fate: Fate) -> None:
    """A 5xx may come from a proxy behind which the write was done: only a 4xx refuses."""
    assert fate_of(status) is fate
