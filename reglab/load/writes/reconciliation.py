"""Compares the write ledger with what is there: nothing acknowledged is lost, nothing is there without an intent."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reglab.load.generator.worker_data import email_of
from reglab.load.writes.actual_state import ItemSeen, Observed, OrderSeen
from reglab.load.writes.expected_state import Expectation, Expected
from reglab.load.writes.write_ledger import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One thing that the ledger and the service disagree about.

    `lost`: an acknowledged write that is not in effect, exactly once. `violation`: anything else that cannot be.
    """

    kind: Literal["lost", "violation"]
    text: str


def contradictions(expected: Expected, observed: Observed) -> list[Contradiction]:
    """Return what one view contradicts. The list shows no archived orders, so it is only compared with the detail."""
    found = [
        *_customers(expected, observed),
        *_orders(expected, observed),
        *_items(expected, observed),
        *_totals(observed),
    ]
    return [Contradiction(kind=each.kind, text=f"{each.text} (seen by {observed.view})") for each in found]


def differences(one: Observed, other: Observed) -> list[Contradiction]:
    """Return where two views of the same rows differ. An archived order may be missing from the list."""
    found = []
    lines, other_lines = _lines(one), _lines(other)
    for row in sorted(one.orders.keys() | other.orders.keys()):
        first, second = one.orders.get(row), other.orders.get(row)
        if second is None and first is not None and first.is_archived and other.view == "list":
            continue
        if first != second or lines[row] != other_lines[row]:
            found.append(
                Contradiction(
                    kind="violation",
                    text=f"order {row} differs: {one.view} has {_order(first)}, {other.view} has {_order(second)}",
                )
            )
    return found


def _customers(expected: Expected, observed: Observed) -> Iterator[Contradiction]:
    ids = defaultdict(list)
    for row, email in observed.customers.items():
        ids[email].append(row)
    intended = {email_of(key): entry for key, entry in expected.customers.items()}
    for email, entry in intended.items():
        yield from _existence(f"customer {email}", entry, found=len(ids[email]))
    for email, rows in ids.items():
        if email not in intended:
            yield Contradiction(kind="violation", text=f"customer {rows[0]} ({email}) is there without an intent")


def _orders(expected: Expected, observed: Observed) -> Iterator[Contradiction]:
    # An order carries no key of its own, but each of its lines does.
    by_line: dict[str, int] = {}
    for item in observed.items:
        entry = expected.items.get(item.sku)
        if entry is not None and entry.creation.intent.kind == "order":
            by_line[entry.creation.intent.key] = item.order
    known = set()
    for key, entry in expected.orders.items():
        row = entry.creation.row or by_line.get(key, 0)
        known.add(row)
        seen = observed.orders.get(row)
        yield from _existence(f"order {row} ({key})", entry, found=int(seen is not None))
        if seen is not None:
            yield from _fields(f"order {row}", entry, seen)
    for row in sorted(observed.orders.keys() - known):
        yield Contradiction(kind="violation", text=f"order {row} is there without an intent")


def _items(expected: Expected, observed: Observed) -> Iterator[Contradiction]:
    by_sku: dict[str, list[ItemSeen]] = defaultdict(list)
    for item in observed.items:
        by_sku[item.sku].append(item)
    for sku, entry in expected.items.items():
        found = by_sku[sku]
        yield from _existence(f"item {sku}", entry, found=len(found))
        if len(found) == 1:
            yield from _fields(f"item {sku}", entry, found[0])
    for sku in sorted(by_sku.keys() - expected.items.keys()):
        yield Contradiction(kind="violation", text=f"item {sku} is there without an intent")


def _existence(name: str, entry: Expectation, *, found: int) -> Iterator[Contradiction]:
    if entry.exists is True and found != 1:
        yield Contradiction(
            kind="lost", text=f"{name} was acknowledged and is there {found} times: {_described(entry.creation)}"
        )
    elif entry.exists is False and found and entry.last is not entry.creation:
        yield Contradiction(
            kind="lost", text=f"{name} is still there, and its deletion was acknowledged: {_described(entry.last)}"
        )
    elif entry.exists is False and found:
        yield Contradiction(kind="violation", text=f"{name} was refused and is there: {_described(entry.creation)}")
    elif found > 1:
        yield Contradiction(kind="violation", text=f"{name} is there {found} times: {_described(entry.creation)}")


def _fields(name: str, entry: Expectation, seen: OrderSeen | ItemSeen) -> Iterator[Contradiction]:
    for field, allowed in entry.allowed.items():
        value = getattr(seen, field)
        if value not in allowed:
            expected = " or ".join(repr(each) for each in sorted(allowed, key=repr))
            # Where a later write was acknowledged, that one is lost; else somebody wrote what nobody intended.
            kind: Literal["lost", "violation"] = "violation" if entry.last is entry.creation else "lost"
            yield Contradiction(
                kind=kind, text=f"{name} has {field} {value!r}, expected {expected}: {_described(entry.last)}"
            )


def _totals(observed: Observed) -> Iterator[Contradiction]:
    sums: dict[int, int] = defaultdict(int)
    for item in observed.items:
        sums[item.order] += item.quantity * item.unit_price_cents
    for row, order in sorted(observed.orders.items()):
        if order.total_cents != sums[row]:
            yield Contradiction(
                kind="violation",
                text=f"order {row} has total_cents {order.total_cents}, its lines add up to {sums[row]}: a lost update",
            )


def _lines(observed: Observed) -> dict[int, set[tuple[object, ...]]]:
    lines: dict[int, set[tuple[object, ...]]] = defaultdict(set)
    for item in observed.items:
        lines[item.order].add((item.id, item.sku, item.quantity, item.unit_price_cents))
    return lines


def _order(seen: OrderSeen | None) -> str:
    return "nothing" if seen is None else f"{seen.status}, archived {seen.is_archived}, {seen.total_cents} cents"


def _described(write: Write) -> str:
    intent = write.intent
    return f"{intent.verb} {intent.kind}, write {write.number} of {write.source}, answered {write.status or 'nothing'}"
