"""Merging what the further audits accepted: TOML tables by their keys, lists as sets, reasons side by side."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomlkit

from reglab.config.reader import parse_toml
from reglab.errors import AuditError

_WHY: Final = "why"
_ABSENT: Final = object()


def merged_tables(base: str, ours: str, theirs: str, *, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the merged text, and the keys to which both sides gave another value: there ours stands.

    Both branches' cells are kept, whichever was merged first: keys and lists are sorted. Raises AuditError.
    """
    sides = [parse_toml(text, path=path, error=AuditError) if text.strip() else {} for text in (base, ours, theirs)]
    conflicts: list[str] = []
    merged = _merged(*sides, place="", conflicts=conflicts)
    head = "".join(f"{line}\n" for line in ours.splitlines() if line.startswith("#"))
    text = head + tomlkit.dumps(merged)
    tomllib.loads(text)
    return text, tuple(conflicts)


def _merged(base: Any, ours: Any, theirs: Any, *, place: str, conflicts: list[str]) -> Any:
    if theirs in (ours, base):
        return _sorted(ours)
    if ours == base:
        return _sorted(theirs)
    known = base if base is not _ABSENT else type(ours)()
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        found = {}
        for key in sorted({*ours, *theirs}):
            sides = [side.get(key, _ABSENT) if isinstance(side, Mapping) else _ABSENT for side in (known, ours, theirs)]
            value = _merged(*sides, place=f"{place} {key}".strip(), conflicts=conflicts)
            if value is not _ABSENT:
                found[key] = value
        return found
    if isinstance(ours, list) and isinstance(theirs, list):
        kept = [one for one in ours if one in theirs or one not in known]
        return sorted({*kept, *(one for one in theirs if one not in known)})
    if place.rpartition(" ")[2] == _WHY and isinstance(ours, str) and isinstance(theirs, str):
        return "; ".join(sorted({*ours.split("; "), *theirs.split("; ")}))
    conflicts.append(place)
    return _sorted(ours)


def _sorted(value: Any) -> Any:
    return {key: _sorted(value[key]) for key in sorted(value)} if isinstance(value, Mapping) else value
