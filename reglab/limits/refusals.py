"""Values that an endpoint refused when it was accepted: a check that is gone takes them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict

from reglab.config.ledger_path import beside_ledger, read_beside_ledger

FILE: Final = "refusals.toml"
_HEAD: Final = "# What each field refuses, as JSON. `reglab probe limits --accept WHY` writes it; review it.\n"
# What is longer tells a reader nothing, and is not compared.
_CHARACTERS_MAX: Final = 40

Refused = Mapping[str, frozenset[str]]


def _is_json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        raise ValueError('is no value as JSON; a text is written as "\\"text\\""') from None
    return text


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    refused: dict[str, dict[str, list[Annotated[str, AfterValidator(_is_json)]]]] = {}


@dataclass(slots=True, kw_only=True)
class Refusals:
    """What is accepted as refused, by scenario and field, each value as JSON. `is_new` where nothing ever was."""

    path: Path
    refused: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    is_new: bool = True

    def of(self, scenario: str) -> Refused:
        """Return the values that a scenario's fields refused."""
        return {name: frozenset(values) for name, values in self.refused.get(scenario, {}).items()}

    def accept(self, found: Mapping[str, Refused]) -> None:
        """Take over what is refused now, in the place of all that was."""
        kept = {
            name: {part: sorted(values) for part, values in sorted(fields.items()) if values}
            for name, fields in sorted(found.items())
        }
        self.refused = {name: fields for name, fields in kept.items() if fields}
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
