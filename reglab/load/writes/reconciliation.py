"""Compares the write ledger with what is there: nothing acknowledged is lost, nothing is there without an intent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from reglab.load.operations import Load, Seen, View
from reglab.load.writes.expected_state import Expectation, Expected
from reglab.load.writes.write_ledger import Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One thing that the ledger and the service disagree about.

    `lost`: an acknowledged write that is not in effect, exactly once. `violation`: anything else that cannot be.
    """

    kind: Literal["lost", "violation"]
    text: str


def reconcile(load: Load, writes: Sequence[Write], views: Sequence[View]) -> tuple[Contradiction, ...]:
    """Hold the ledger against every whole view, and every view against the first."""
    expected = Expected(writes)
    found: list[Contradiction] = []
    for view in views:
        if view.is_whole:
            found += contradictions(load, expected, view)
        if view is not views[0]:
            found += differences(views[0], view)
    return tuple(found)


def contradictions(load: Load, expected: Expected, view: View) -> list[Contradiction]:
    """Return what one view contradicts: the ledger, and what the project says must hold among its rows."""
    found = [each for kind in load.kinds for each in _of_kind(kind.name, expected, view)]
    if load.contradictions is not None:
        found += [Contradiction(kind="violation", text=text) for text in load.contradictions(view)]
    return [Contradiction(kind=each.kind, text=f"{each.text} (seen by {view.name})") for each in found]


def differences(one: View, other: View) -> list[Contradiction]:
    """Return where two views of the same rows differ. A view that is not whole may leave out what it says it does."""
    first = {(seen.kind, seen.id): seen for seen in one.rows}
    second = {(seen.kind, seen.id): seen for seen in other.rows}
    found = []
    for place in sorted(first.keys() | second.keys(), key=str):
        mine, theirs = first.get(place), second.get(place)
        if theirs is None and mine is not None and other.leaves_out(mine):
            continue
        if mine is None or theirs is None or _differ(mine, theirs):
            text = (
                f"{place[0]} {place[1]} differs: {one.name} has {_described_row(mine)}, "
                f"{other.name} has {_described_row(theirs)}"
            )
            found.append(Contradiction(kind="violation", text=text))
    return found


def _of_kind(kind: str, expected: Expected, view: View) -> Iterator[Contradiction]:
    found: dict[str, list[Seen]] = defaultdict(list)
    for seen in view.rows:
        if seen.kind != kind:
            continue
        by_key = expected.by_key.get((kind, seen.key)) if seen.key else None
        entry = by_key or expected.by_row.get((kind, seen.id))
        if entry is None:
            yield Contradiction(kind="violation", text=f"{_name(kind, seen.id, seen.key)} is there without an intent")
        else:
            found[entry.key].append(seen)
    for entry in expected.objects(kind):
        there = found[entry.key]
        name = _name(kind, there[0].id if there else entry.row, entry.key)
        yield from _existence(name, entry, found=len(there))
        if len(there) == 1:
            yield from _fields(name, entry, there[0])


def _existence(name: str, entry: Expectation, *, found: int) -> Iterator[Contradiction]:
    exists = entry.exists
    if exists is True and found != 1:
        text = f"{name} was acknowledged and is there {found} times: {_described(entry.creation, entry)}"
        yield Contradiction(kind="lost", text=text)
    elif exists is False and found and entry.last is not entry.creation:
        text = f"{name} is still there, and its deletion was acknowledged: {_described(entry.last, entry)}"
        yield Contradiction(kind="lost", text=text)
    elif exists is False and found:
        text = f"{name} was refused and is there: {_described(entry.creation, entry)}"
        yield Contradiction(kind="violation", text=text)
    elif found > 1:
        text = f"{name} is there {found} times: {_described(entry.creation, entry)}"
        yield Contradiction(kind="violation", text=text)


def _fields(name: str, entry: Expectation, seen: Seen) -> Iterator[Contradiction]:
    for field in entry.fields:
        if field not in seen.fields:
            continue
        value, allowed = seen.fields[field], entry.allowed(field)
        if value not in allowed:
            expected = " or ".join(repr(each) for each in sorted(allowed, key=repr))
            # Where a later write was acknowledged, that one is lost; else somebody wrote what nobody intended.
            kind: Literal["lost", "violation"] = "violation" if entry.last is entry.creation else "lost"
            text = f"{name} has {field} {value!r}, expected {expected}: {_described(entry.last, entry)}"
            yield Contradiction(kind=kind, text=text)


def _differ(one: Seen, other: Seen) -> bool:
    return any(one.fields[name] != other.fields[name] for name in one.fields.keys() & other.fields.keys())


def _name(kind: str, row: object, key: str) -> str:
    named = [str(row)] if row else []
    return f"{kind} {' '.join([*named, f'({key})'] if key and named else [*named, key])}".rstrip()


def _described_row(seen: Seen | None) -> str:
    if seen is None:
        return "nothing"
    return ", ".join(f"{name} {value!r}" for name, value in sorted(seen.fields.items())) or "it"


def _described(write: Write, entry: Expectation) -> str:
    changes: Iterable[str] = (effect.change for effect in write.effects if effect.kind == entry.kind)
    change = next(iter(changes), "write")
    return f"{change} {entry.kind}, write {write.number} of {write.source}, answered {write.status or 'nothing'}"
