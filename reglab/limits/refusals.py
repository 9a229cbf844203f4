"""Values that an endpoint refused when it was accepted: a check that is gone takes them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from reglab.config.ledger_path import beside_ledger, read_beside_ledger

FILE: Final = "refusals.toml"
_HEAD: Final = "# What each field refuses, as JSON. `reglab probe limits --accept WHY` writes it; review it.\n"
# What is longer tells a reader nothing; its kind is tried anew each time.
_CHARACTERS_MAX: Final = 40

Refused = Mapping[str, frozenset[str]]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    refused: dict[str, dict[str, list[str]]] = {}


@dataclass(slots=True, kw_only=True)
class Refusals:
    """What is accepted as refused, by scenario and field, each value as JSON. `is_new` where nothing ever was."""

    path: Path
    refused: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    is_new: bool = True

    def of(self, scenario: str) -> Refused:
        """Return the values that a scenario's fields refused."""
        return {name: frozenset(values) for name, values in self.refused.get(scenario, {}).items()}

    def accept(self, found: Mapping[str, Refused], *, scenarios: Iterable[str]) -> None:
        """Take over what was refused now; of other scenarios of the suite, what was accepted stays."""
        kept = {name: fields for name, fields in self.refused.items() if name in set(scenarios) - found.keys()}
        new = {
            name: {part: sorted(values) for part, values in sorted(fields.items()) if values}
            for name, fields in found.items()
        }
        self.refused = {name: fields for name, fields in sorted({**kept, **new}.items()) if fields}
        self.is_new = False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join([_HEAD, *self._tables()]), encoding="utf-8")

    def _tables(self) -> Iterator[str]:
        for name, fields in self.refused.items():
            lines = (f"{json.dumps(part)} = {json.dumps(values)}\n" for part, values in fields.items())
            yield f"[refused.{json.dumps(name)}]\n" + "".join(lines)


def refusals_beside(ledger: Path) -> Refusals:
    """Read the file that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = beside_ledger(ledger, FILE)
    file = read_beside_ledger(path, _File)
    return Refusals(path=path) if file is None else Refusals(path=path, refused=dict(file.refused), is_new=False)


def told_value(value: object) -> str:
    """Return a value as the file has it; an empty text for one that is too long, or none of JSON's."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return ""
    return text if len(text) <= _CHARACTERS_MAX else ""
