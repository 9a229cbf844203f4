"""Differences of the sides that the change itself declares: a new scenario, an answer that its ledger accepts."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from reglab.config.suite import SuiteFile
from reglab.counters.answers import ANSWER
from reglab.counters.response import RESPONSE_BYTES, STATUS
from reglab.timing.repository import Repository

_ANSWERS: Final = tuple(metric.name for metric in (ANSWER, STATUS, RESPONSE_BYTES))
Declared = Mapping[str, Mapping[str, Any]]


def explained(
    file: SuiteFile, ledger: Path, repository: Repository, *, baseline: str, candidate: str, names: Iterable[str]
) -> dict[str, str]:
    """Say for each scenario why its sides may differ, where the change says so; the others are left out.

    `candidate` is empty where the work tree is measured.
    """
    before, after = _declared(file, repository, baseline), _declared(file, repository, candidate)
    found = {}
    for name in names:
        path = ledger / f"{name}.json"
        accepted_before, accepted_after = (
            _answers(_text(repository, commit, path)) for commit in (baseline, candidate)
        )
        if name not in before:
            found[name] = "the scenario is new with this change"
        elif before[name] != after.get(name):
            found[name] = "the scenario is another since this change"
        elif accepted_after and accepted_before != accepted_after:
            found[name] = "the ledger accepts another answer with this change"
    return found


def _declared(file: SuiteFile, repository: Repository, commit: str) -> Declared:
    """Return the scenarios that the suite's files declare at a commit, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in file.files:
        try:
            tables = tomllib.loads(_text(repository, commit, part.path)).get("scenario", [])
        except tomllib.TOMLDecodeError:
            continue
        found.update({str(table.get("name")): table for table in tables if isinstance(table, dict)})
    return found


def _answers(text: str) -> dict[str, Any]:
    """Return what a scenario's file of the ledger accepts about its answer, by section and counter."""
    try:
        sections = json.loads(text).get("counters", {})
    except (ValueError, AttributeError):
        return {}
    return {
        f"{section} {key}": entry.get("value")
        for section, entries in sections.items()
        for key, entry in entries.items()
        if key.startswith(_ANSWERS)
    }


def _text(repository: Repository, commit: str, path: Path) -> str:
    if commit:
        content = repository.file_at(commit, path.resolve())
        return "" if content is None else content.decode("utf-8-sig", errors="replace")
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
