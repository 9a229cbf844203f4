"""Findings of the audits beyond counting, and of races, that somebody accepted: one TOML file beside the ledger."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from reglab.config.ledger_path import beside_ledger, read_beside_ledger
from reglab.report.findings import sentence_of
from reglab.report.records import Measurement

FILE: Final = "probes.toml"
_HEAD: Final = "# What `reglab probe` and `reglab race` found, and somebody accepted with --accept WHY; review it.\n"
_TOLD: Final = 12
_TOLD_CHARACTERS: Final = 160
# Higher is better, or the number says nothing of the subject: never a problem to accept.
NEVER_KNOWN: Final = frozenset({"audit_errors"})


class _Known(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    value: int
    why: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    known: dict[str, _Known] = {}


@dataclass(slots=True, kw_only=True)
class Accepted:
    """The numbers that are accepted, by "audit scenario metric part"; what is not there is accepted as 0."""

    path: Path
    known: dict[str, _Known] = field(default_factory=dict)

    def held(self, instrument: str, measurement: Measurement, *, others: Iterable[str] = ()) -> Measurement:
        """Return the measurement with what was accepted of it, or of the first of these other scenarios that has it."""
        alike = (measurement, *(replace(measurement, scenario=name) for name in others))
        entries = (self.known.get(_key(instrument, one)) for one in alike)
        entry = next((one for one in entries if one is not None), None)
        return measurement if entry is None else replace(measurement, accepted=entry.value)

    def accept(self, found: Mapping[str, Iterable[Measurement]], *, why: str) -> int:
        """Take over what was found by each of these audits, in place of what they had; return how many lines differ."""
        before = dict(self.known)
        kept = {key: entry for key, entry in before.items() if key.partition(" ")[0] not in found}
        for instrument, measurements in found.items():
            for one in measurements:
                key, value = _key(instrument, one), int(one.values[0])
                if value and one.metric.name not in NEVER_KNOWN:
                    old = before.get(key)
                    kept[key] = old if old and old.value == value else _Known(value=value, why=why)
        self.known = kept
        if kept or self.path.exists():
            self._write()
        return len({*before.items()} ^ {*kept.items()})

    def work_list(self, instruments: Iterable[str]) -> list[str]:
        """Return what is accepted of these audits, a line each: where, what, how many, and why."""
        chosen = set(instruments)
        return [
            f"{key}: {entry.value} ({entry.why})"
            for key, entry in sorted(self.known.items())
            if key.partition(" ")[0] in chosen
        ]

    def _write(self) -> None:
        lines = [
            f"[known.{json.dumps(key)}]\nvalue = {entry.value}\nwhy = {json.dumps(entry.why)}\n"
            for key, entry in sorted(self.known.items())
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join([_HEAD, *lines]), encoding="utf-8")


def told_problems(measurements: Iterable[Measurement]) -> list[str]:
    """Say what is accepted, worst number first, a line a problem: who accepts it has seen it."""
    found = [one for one in measurements if one.values[0] and one.evidence and one.metric.name not in NEVER_KNOWN]
    found.sort(key=lambda one: -one.values[0])
    told = [
        f"{one.endpoint or one.scenario}: {sentence_of(one.evidence[0])[:_TOLD_CHARACTERS]}"
        + (f" (and {int(one.values[0]) - 1} more findings like it)" if one.values[0] > 1 else "")
        for one in found[:_TOLD]
    ]
    more = f"and {len(found) - _TOLD} more; --known lists them all"
    return [*told, more] if len(found) > _TOLD else told


def accepted_in(ledger: Path) -> Accepted:
    """Read the file that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = beside_ledger(ledger, FILE)
    file = read_beside_ledger(path, _File)
    return Accepted(path=path, known=dict(file.known) if file else {})


def _key(instrument: str, measurement: Measurement) -> str:
    words = (instrument, measurement.scenario, measurement.metric.name, measurement.part)
    return " ".join(word for word in words if word)
