"""Expected state: what the write ledger says must be there, row by row, once the load is over.

A field is a register that effects write one after the other. Its final value is that of a write which no acknowledged
write has certainly followed. Within one ledger the order of intents and answers is known; between the ledgers of two
workers it is not, but for the rows' preparation, which came before all, and what was sent after the load.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reglab.load.operations import Effect, Plain
from reglab.load.pool import Id
from reglab.load.writes.write_ledger import Fate, Write, phase_of

EXISTS: Final = "exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One write to one field: its value, its place in time, and whether it is certain."""

    write: Write
    value: Plain

    @property
    def is_certain(self) -> bool:
        return self.write.fate is Fate.ACKNOWLEDGED

    def is_followed_by(self, other: "_Setting") -> bool:
        """Whether the other write certainly came after this one had ended."""
        if not self.is_certain:
            return False  # without an answer, it may take effect any time later
        mine, theirs = phase_of(self.write.source), phase_of(other.write.source)
        if mine != theirs:
            return mine < theirs
        return self.write.source == other.write.source and self.write.ended < other.write.began


@dataclass(slots=True, kw_only=True)
class Expectation:
    """What one object must be like. `creation` is the write that made it, `last` the last acknowledged one."""

    kind: str
    key: str
    creation: Write
    last: Write
    row: Id = 0
    settings: dict[str, list[_Setting]] = field(default_factory=lambda: defaultdict(list))

    @property
    def exists(self) -> bool | None:
        """Whether it must be there; None where the ledger cannot know, because a write got no answer."""
        values = self.allowed(EXISTS)
        return None if len(values) > 1 else True in values

    @property
    def fields(self) -> list[str]:
        """The fields that the run has written."""
        return [name for name in self.settings if name != EXISTS]

    def allowed(self, name: str) -> set[Plain]:
        """Return the values that a field may end with."""
        settings = self.settings[name]
        certain = [each for each in settings if each.is_certain]
        values = {each.value for each in settings if not any(each.is_followed_by(other) for other in certain)}
        if name == EXISTS and not certain:
            values.add(False)
        return values


class Expected:
    """The expectations of a run, found by key or by row."""

    def __init__(self, writes: Sequence[Write]) -> None:
        self.by_key: dict[tuple[str, str], Expectation] = {}
        self.by_row: dict[tuple[str, Id], Expectation] = {}
        for write in writes:
            for number, effect in enumerate(write.effects):
                if effect.change == "create":
                    self._create(write, effect, is_first=number == 0)
        for write in writes:
            for effect in write.effects:
                if effect.change != "create" and write.fate is not Fate.FAILED:
                    self._follow(write, effect)

    def objects(self, kind: str) -> Iterable[Expectation]:
        """Give the objects of a kind that the run has tried to make."""
        return [entry for (name, _key), entry in self.by_key.items() if name == kind]

    def _create(self, write: Write, effect: Effect, *, is_first: bool) -> None:
        row = write.row if is_first else 0
        entry = Expectation(kind=effect.kind, key=effect.key, creation=write, last=write, row=row)
        self.by_key[effect.kind, effect.key] = entry
        if row:
            self.by_row[effect.kind, row] = entry
        if write.fate is not Fate.FAILED:
            self._set(entry, write, {EXISTS: True, **effect.fields})

    def _follow(self, write: Write, effect: Effect) -> None:
        entry = self.by_key.get((effect.kind, effect.key)) or self.by_row.get((effect.kind, effect.row))
        if entry is None:
            return  # its creation is in a ledger that was lost: then nothing is accused anyway
        if write.fate is Fate.ACKNOWLEDGED:
            entry.last = write
        self._set(entry, write, {EXISTS: False} if effect.change == "delete" else dict(effect.fields))

    @staticmethod
    def _set(entry: Expectation, write: Write, values: dict[str, Plain]) -> None:
        for name, value in values.items():
            entry.settings[name].append(_Setting(write=write, value=value))
