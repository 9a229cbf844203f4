"""The ledger: the work counters that were accepted, one line each, and why."""

import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import django
from django.db import connection
from pydantic import BaseModel, ConfigDict, ValidationError

from reglab.counters.definition import CounterMetric, Kept
from reglab.errors import AuditError

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One counter of one scenario: its section of the ledger, its key, and the value by variant."""

    section: str
    scenario: str
    metric: str
    part: str
    values: Mapping[str, int]

    @property
    def key(self) -> str:
        """How the ledger calls it."""
        return key_of(self.scenario, self.metric, self.part)


class _Accepted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    value: int | dict[str, int]
    why: str

    def at(self, variant: str) -> int | None:
        """Return the value accepted at one variant."""
        return self.value if isinstance(self.value, int) else self.value.get(variant)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: int
    counters: dict[str, dict[str, _Accepted]] = {}
    statements: dict[str, dict[str, dict[str, int | dict[str, int]]]] = {}


class Ledger:
    """The accepted counters by section: a database vendor, with the interpreter and Django where a counter needs it."""

    def __init__(self, *, path: Path, file: _File) -> None:
        self.path = path
        self._file = file

    def has_section(self, section: str) -> bool:
        """Tell whether anything was ever accepted there."""
        return bool(self._file.counters.get(section))

    def accepted(self, *, section: str, key: str, variant: str) -> int | None:
        """Return the accepted value, or None where nobody accepted one."""
        entry = self._file.counters.get(section, {}).get(key)
        return None if entry is None else entry.at(variant)

    def statements(self, *, scenario: str, variant: str) -> dict[str, int]:
        """Return the statements that the scenario was accepted with, and how often each ran, on this Django."""
        texts = self._file.statements.get(statements_section(), {}).get(scenario, {})
        counts = {text: count if isinstance(count, int) else count.get(variant, 0) for text, count in texts.items()}
        return {text: count for text, count in counts.items() if count}

    def stale(self, *, scenarios: Iterable[str], sections: Iterable[str]) -> tuple[str, ...]:
        """Return the keys of these sections whose scenario the suite no longer has."""
        known = set(scenarios)
        return tuple(
            sorted(
                {
                    f"{section}: {key}"
                    for section in sections
                    for key in self._file.counters.get(section, {})
                    if key.partition(" ")[0] not in known
                }
            )
        )

    def has_scenario(self, section: str, scenario: str) -> bool:
        """Tell whether any counter of a scenario was accepted in a section."""
        return any(key.partition(" ")[0] == scenario for key in self._file.counters.get(section, {}))

    def parts(self, *, section: str, scenario: str, metric: str) -> tuple[str, ...]:
        """Return the accepted parts of a metric of a scenario."""
        start = f"{scenario} {metric} "
        return tuple(key.removeprefix(start) for key in self._file.counters.get(section, {}) if key.startswith(start))

    def metrics(self, *, section: str, scenario: str) -> set[str]:
        """Return the accepted metrics of a scenario."""
        keys = (key.split(" ") for key in self._file.counters.get(section, {}))
        return {words[1] for words in keys if words[0] == scenario}

    def accept(
        self,
        entries: Iterable[Entry],
        *,
        statements: Mapping[str, Mapping[str, Mapping[str, int]]],
        why: str,
        scenarios: Iterable[str],
    ) -> int:
        """Take the entries' values as accepted, `why` with those that differ; return how many lines changed.

        Scenarios of the suite that were not measured keep what they have; those that the suite no longer has go.
        """
        entries, known = list(entries), set(scenarios)
        measured = {entry.scenario for entry in entries}
        changed = 0
        for section in {*(entry.section for entry in entries)}:
            present = self._file.counters.setdefault(section, {})
            found = {entry.key: _compact(entry.values) for entry in entries if entry.section == section}
            for key in [key for key in present if _is_obsolete(key, found, measured=measured, known=known)]:
                del present[key]
                changed += 1
            for key, value in found.items():
                if key not in present or present[key].value != value:
                    present[key] = _Accepted(value=value, why=why)
                    changed += 1
        texts = self._file.statements.setdefault(statements_section(), {})
        for scenario, counts in statements.items():
            texts[scenario] = {text: _compact(by_variant) for text, by_variant in counts.items()}
        for scenario in [scenario for scenario in texts if scenario not in known]:
            del texts[scenario]
        self._write()
        return changed

    def _write(self) -> None:
        """Write the file sorted and one line a counter, so that a difference reads as what it is."""
        lines = ["{", f'"schema_version": {SCHEMA_VERSION},', '"counters": {']
        lines += _sections(self._file.counters, lambda entry: _json({"value": entry.value, "why": entry.why}))
        lines += ["},", '"statements": {']
        lines += _sections(self._file.statements, _spelled_statements)
        lines += ["}", "}"]
        temporary = self.path.with_suffix(".json.unfinished")
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(self.path)


def read_ledger(path: Path) -> Ledger:
    """Read the ledger; one that does not exist yet is empty. Raises AuditError where it cannot be believed."""
    if not path.exists():
        return Ledger(path=path, file=_File(schema_version=SCHEMA_VERSION))
    try:
        file = _File.model_validate(json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_doubles))
    except json.JSONDecodeError as error:
        raise AuditError(f"{path}:{error.lineno}: the ledger is no JSON ({error.msg}); mend it or restore it") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = " / ".join(str(part) for part in first["loc"])
        raise AuditError(f"{path}: {place}: {first['msg']}; mend the ledger or restore it") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise AuditError(f"{path}: the ledger cannot be read: {error}") from None
    if file.schema_version != SCHEMA_VERSION:
        raise AuditError(f"{path}: the ledger has schema {file.schema_version}, this audit reads {SCHEMA_VERSION}")
    return Ledger(path=path, file=file)


def key_of(scenario: str, metric: str, part: str) -> str:
    """Return how the ledger calls a counter: scenario, metric, and part where there is one."""
    return " ".join(word for word in (scenario, metric, part) if word)


def section_of(metric: CounterMetric) -> str:
    """Return the ledger's section for a metric where this process runs."""
    if metric.kept is Kept.INTERPRETER:
        interpreter = f"{platform.python_implementation().lower()}-{'.'.join(platform.python_version_tuple()[:2])}"
        return f"{connection.vendor} {interpreter} {_django()}"
    if metric.kept is Kept.SERVER:
        return f"{connection.vendor} {_server()}"
    return connection.vendor


def statements_section() -> str:
    """Return the ledger's section for statements: Django's minor version decides how it spells SQL."""
    return f"{connection.vendor} {_django()}"


def _django() -> str:
    return f"django-{django.VERSION[0]}.{django.VERSION[1]}"


def _server() -> str:
    return str(connection.get_database_version()[0])


def _compact(values: Mapping[str, int]) -> int | dict[str, int]:
    """Return one number where every variant has it, else the values by variant."""
    distinct = set(values.values())
    return distinct.pop() if len(distinct) == 1 else dict(values)


def _is_obsolete(key: str, found: Mapping[str, object], *, measured: set[str], known: set[str]) -> bool:
    scenario = key.partition(" ")[0]
    return scenario not in known or (scenario in measured and key not in found)


def _sections(sections: Mapping[str, Mapping[str, Any]], spelled: Callable[[Any], str]) -> list[str]:
    blocks = [
        f"{_json(name)}: {{\n"
        + ",\n".join(f" {_json(key)}: {spelled(entries[key])}" for key in sorted(entries))
        + "\n}"
        for name, entries in sorted(sections.items())
        if entries
    ]
    return [",\n".join(blocks)] if blocks else []


def _spelled_statements(counts: Mapping[str, int | dict[str, int]]) -> str:
    return "{" + ",".join(f"\n  {_json(text)}: {_json(counts[text])}" for text in sorted(counts)) + "}"


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
