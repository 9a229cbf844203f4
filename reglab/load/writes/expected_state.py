"""Rows that must be there once the load is over, as the write ledger says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reglab.load.writes.write_ledger import Fate, Write


@dataclass(slots=True, kw_only=True)
class Expectation:
    """What one row must be like. `exists` is None where the ledger cannot know: a write got no answer.

    `creation` is the write that made it; `last` the last one that was acknowledged. Each field allows a set of values.
    """

    creation: Write
    last: Write
    exists: bool | None
    allowed: dict[str, set[object]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Expected:
    """The expectations of a run. Customers and orders by key of their creation; items by sku."""

    customers: dict[str, Expectation] = field(default_factory=dict)
    orders: dict[str, Expectation] = field(default_factory=dict)
    items: dict[str, Expectation] = field(default_factory=dict)

    def order_ids(self) -> dict[int, str]:
        """Return the key of each order whose id the service told."""
        return {entry.creation.row: key for key, entry in self.orders.items() if entry.creation.row}


def expected_of(writes: Iterable[Write]) -> Expected:
    """Fold the ledger, in the order of each file: writes to one row never overlap, so their order is known."""
    expected = Expected()
    marks: list[Write] = []
    for write in writes:
        if write.intent.verb == "create":
            _create(expected, write)
        elif write.intent.kind == "item":
            _follow_item(expected.items[write.intent.key], write)
        else:
            marks.append(write)
    by_id = expected.order_ids()
    for write in marks:
        _mark(expected.orders[by_id[write.intent.row]], write)
    return expected


def _create(expected: Expected, write: Write) -> None:
    intent = write.intent
    exists = {Fate.ACKNOWLEDGED: True, Fate.FAILED: False}.get(write.fate)
    entry = Expectation(creation=write, last=write, exists=exists)
    if intent.kind == "customer":
        expected.customers[intent.key] = entry
    elif intent.kind == "order":
        entry.allowed = {"status": {intent.values["status"]}, "is_archived": {False}}
        expected.orders[intent.key] = entry
        for line in intent.values["items"]:
            expected.items[line["sku"]] = _item(write, line, exists=exists)
    else:
        expected.items[intent.key] = _item(write, intent.values, exists=exists)


def _item(write: Write, line: dict[str, object], *, exists: bool | None) -> Expectation:
    allowed: dict[str, set[object]] = {name: {line[name]} for name in ("quantity", "unit_price_cents")}
    return Expectation(creation=write, last=write, exists=exists, allowed=allowed)


def _follow_item(entry: Expectation, write: Write) -> None:
    if write.fate is Fate.FAILED:
        return
    is_certain = write.fate is Fate.ACKNOWLEDGED
    if is_certain:
        entry.last = write
    if write.intent.verb == "delete":
        entry.exists = False if is_certain else None
        return
    for name, value in write.intent.values.items():
        entry.allowed[name] = {value} if is_certain else entry.allowed[name] | {value}


def _mark(entry: Expectation, write: Write) -> None:
    """Cancelling and archiving are never undone by the run, so their order does not matter: certainty wins."""
    if write.fate is Fate.FAILED:
        return
    name, value = {"cancel": ("status", "cancelled"), "archive": ("is_archived", True)}[write.intent.verb]
    if write.fate is Fate.ACKNOWLEDGED:
        entry.last = write
        entry.allowed[name] = {value}
    elif entry.allowed[name] != {value}:
        entry.allowed[name] = entry.allowed[name] | {value}
