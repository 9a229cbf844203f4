"""Fates of requests that no scenario sends, as they were accepted: one file beside the ledger."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from reglab.config.ledger_path import beside_ledger, read_beside_ledger
from reglab.config.suite_parts import Strict

FILE: Final = "unsent.toml"
_HEAD: Final = (
    "# What requests that no scenario sends are answered, and what they write: to rows in other states, with a field\n"
    "# alone, without one. `reglab probe limits --accept WHY` writes it; review it.\n"
)
# The scenario's own request, which the others are judged beside.
AS_IT_IS: Final = "as it is"

Fates = Mapping[str, str]
"""What requests came to, by what sets them apart."""


class _File(Strict):
    fates: dict[str, dict[str, str]] = {}
    # By scenario: what makes no difference.
    alike: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = {}


@dataclass(slots=True, kw_only=True)
class AcceptedFates:
    """The accepted fates by scenario. `is_new` where none ever were."""

    path: Path
    fates: dict[str, dict[str, str]] = field(default_factory=dict)
    is_new: bool = True

    def of(self, scenario: str) -> Fates:
        """Return the fates of one scenario."""
        return self.fates.get(scenario, {})

    def accept(self, found: Mapping[str, Fates]) -> None:
        """Take over what is found now, in the place of all that was."""
        self.fates = {name: dict(fates) for name, fates in sorted(found.items()) if fates}
        self.is_new = False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join([_HEAD, *self._tables()]), encoding="utf-8")

    def _tables(self) -> Iterator[str]:
        alike: dict[str, list[str]] = {}
        for name, fates in self.fates.items():
            own = fates.get(AS_IT_IS, "")
            others = {told: fate for told, fate in fates.items() if told == AS_IT_IS or fate != own}
            alike[name] = [told for told in fates if told not in others]
            lines = (f"{json.dumps(told)} = {json.dumps(fate)}\n" for told, fate in others.items())
            yield f"[fates.{json.dumps(name)}]\n" + "".join(lines)
        lines = (f"{json.dumps(name)} = {json.dumps(told)}\n" for name, told in alike.items() if told)
        yield "# What makes no difference.\n[alike]\n" + "".join(lines)


def fates_beside(ledger: Path) -> AcceptedFates:
    """Read the file that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = beside_ledger(ledger, FILE)
    file = read_beside_ledger(path, _File)
    if file is None:
        return AcceptedFates(path=path)
    fates = {
        name: {**dict.fromkeys(file.alike.get(name, ()), found.get(AS_IT_IS, "")), **found}
        for name, found in file.fates.items()
    }
    return AcceptedFates(path=path, fates=fates, is_new=False)
