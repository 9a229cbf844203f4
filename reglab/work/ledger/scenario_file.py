"""One file of the ledger: the accepted counters of one scenario, a line each, so that branches merge."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from reglab.errors import AuditError

SCHEMA_VERSION: Final = 2
# The one file of the folder that is no scenario's.
KNOWN_PROBLEMS: Final = "known.json"
CONFLICT: Final = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)", re.MULTILINE)
# Stands where somebody takes a change of the ledger as a patch, until that person has said why.
NO_REASON: Final = "TODO: say why"
Values = int | dict[str, int]


class Accepted(BaseModel):
    """One accepted counter: its value, or its values by variant, and why it was accepted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    value: Values
    why: str

    def at(self, variant: str) -> int | None:
        """Return the value accepted at one variant."""
        return self.value if isinstance(self.value, int) else self.value.get(variant)


class ScenarioLedger(BaseModel):
    """The ledger of one scenario by section: a database, with the interpreter and Django where a counter needs it.

    `counters` and `unstable` are by counter ("rows_written orders update"). An unstable one never gates; its text says
    what was seen. `statements` say how often each statement ran, and each function of the project that is called most
    was entered, as evidence.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: int = SCHEMA_VERSION
    counters: dict[str, dict[str, Accepted]] = {}
    unstable: dict[str, dict[str, str]] = {}
    statements: dict[str, dict[str, Values]] = {}

    @property
    def unexplained(self) -> int:
        """How many counters were accepted without a reason."""
        return sum(one.why == NO_REASON for entries in self.counters.values() for one in entries.values())

    def text(self) -> str:
        """Return the file: sorted, one line a counter, an empty line between two, so that neighbours merge apart."""
        counters = {
            section: {key: _json({"value": entry.value, "why": entry.why}) for key, entry in entries.items()}
            for section, entries in self.counters.items()
        }
        unstable = {section: _spelled(entries) for section, entries in self.unstable.items()}
        statements = {section: _spelled(entries) for section, entries in self.statements.items()}
        parts = [f'"schema_version": {self.schema_version}']
        for name, sections in (("counters", counters), ("unstable", unstable), ("statements", statements)):
            if any(sections.values()):
                parts.append(f'"{name}": {{\n{_sections(sections)}\n}}')
        return "{\n" + ",\n".join(parts) + "\n}\n"


def read_scenario(path: Path) -> ScenarioLedger:
    """Read one file. Raises AuditError, with the way on, where it cannot be believed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AuditError(f"{path}: the ledger cannot be read: {error}") from None
    return parsed(text, path=path)


def parsed(text: str, *, path: Path) -> ScenarioLedger:
    """Return the ledger that a text holds. Raises AuditError, with the way on, where it cannot be believed."""
    if marker := CONFLICT.search(text):
        line = text.count("\n", 0, marker.start()) + 1
        raise AuditError(
            f"{path}:{line}: two branches accepted different values; keep either line, remove the markers, and let "
            f'`reglab audit --only {path.stem} --accept "why"` measure which is right'
        )
    try:
        file = ScenarioLedger.model_validate(json.loads(text, object_pairs_hook=_without_doubles))
    except json.JSONDecodeError as error:
        raise AuditError(f"{path}:{error.lineno}: the ledger is no JSON ({error.msg}); mend it or restore it") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = " / ".join(str(part) for part in first["loc"])
        raise AuditError(f"{path}: {place}: {first['msg']}; mend the ledger or restore it") from None
    except ValueError as error:
        raise AuditError(f"{path}: the ledger cannot be read: {error}") from None
    if file.schema_version != SCHEMA_VERSION:
        raise AuditError(f"{path}: the ledger has schema {file.schema_version}, this audit reads {SCHEMA_VERSION}")
    return file


def compact(values: Mapping[str, int]) -> Values:
    """Return one number where every variant has it, else the values by variant."""
    distinct = set(values.values())
    return distinct.pop() if len(distinct) == 1 else dict(values)


def _spelled(entries: Mapping[str, object]) -> dict[str, str]:
    return {key: _json(value) for key, value in entries.items()}


def _sections(sections: Mapping[str, Mapping[str, str]]) -> str:
    return ",\n".join(
        f"{_json(name)}: {{\n" + ",\n\n".join(f" {_json(key)}: {entries[key]}" for key in sorted(entries)) + "\n}"
        for name, entries in sorted(sections.items())
        if entries
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: what a badly resolved merge leaves."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands there twice (a merge gone wrong?)")
        found[key] = value
    return found
