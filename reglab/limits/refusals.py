"""Values that an endpoint refused, and took, when that was accepted: a check that is gone, or new, does otherwise."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict

from reglab.config.ledger_path import beside_ledger, read_beside_ledger

FILE: Final = "refusals.toml"
_HEAD: Final = (
    "# What each field refuses, and takes, as JSON. `reglab probe limits --accept WHY` writes it; review it.\n"
)
# What is longer tells a reader nothing, and is not compared.
_CHARACTERS_MAX: Final = 40

Refused = Mapping[str, frozenset[str]]


def _is_json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        raise ValueError('is no value as JSON; a text is written as "\\"text\\""') from None
    return text


_Values = dict[str, dict[str, list[Annotated[str, AfterValidator(_is_json)]]]]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    refused: _Values = {}
    taken: _Values = {}


@dataclass(slots=True, kw_only=True)
class Refusals:
    """What is accepted as refused, and as taken, by scenario and field, each value as JSON.

    `is_new` where nothing ever was.
    """

    path: Path
    refused: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    taken: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    is_new: bool = True

    def of(self, scenario: str) -> Refused:
        """Return the values that a scenario's fields refused."""
        return {name: frozenset(values) for name, values in self.refused.get(scenario, {}).items()}

    def taken_by(self, scenario: str) -> Refused:
        """Return the values that a scenario's fields took."""
        return {name: frozenset(values) for name, values in self.taken.get(scenario, {}).items()}

    def knows(self, scenario: str) -> bool:
        """Tell whether anything is accepted of a scenario: a field that takes everything is held, too."""
        return bool(self.refused.get(scenario) or self.taken.get(scenario))

    def accept(self, refused: Mapping[str, Refused], taken: Mapping[str, Refused]) -> None:
        """Take over what is refused and taken now, in the place of all that was."""
        self.refused, self.taken = _sorted(refused), _sorted(taken)
        self.is_new = False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join([_HEAD, *self._tables()]), encoding="utf-8")

    def _tables(self) -> Iterator[str]:
        for head, tables in (("refused", self.refused), ("taken", self.taken)):
            for name, fields in tables.items():
                lines = (f"{json.dumps(part)} = {json.dumps(values)}\n" for part, values in fields.items())
                yield f"[{head}.{json.dumps(name)}]\n" + "".join(lines)


def _sorted(found: Mapping[str, Refused]) -> dict[str, dict[str, list[str]]]:
    kept = {
        name: {part: sorted(values) for part, values in sorted(fields.items()) if values}
        for name, fields in sorted(found.items())
    }
    return {name: fields for name, fields in kept.items() if fields}


def refusals_beside(ledger: Path) -> Refusals:
    """Read the file that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = beside_ledger(ledger, FILE)
    file = read_beside_ledger(path, _File)
    if file is None:
        return Refusals(path=path)
    return Refusals(path=path, refused=dict(file.refused), taken=dict(file.taken), is_new=False)


def told_value(value: object) -> str:
    """Return a value as the file has it; an empty text for one that is too long, or none of JSON's."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return ""
    return text if len(text) <= _CHARACTERS_MAX else ""
