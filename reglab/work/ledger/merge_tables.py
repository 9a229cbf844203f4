"""Merging what the further audits accepted: TOML tables by their keys, lists as sets, reasons side by side."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

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
    text = "\n".join([head.rstrip("\n"), *_lines(merged)]) + "\n"
    return text, tuple(conflicts)


def _lines(tables: Mapping[str, Any]) -> Iterator[str]:
    """Write a line an entry, a small table in one line, as the audits write theirs: such lines are reviewed."""
    yield from (f"{_word(key)} = {_word(value)}" for key, value in tables.items() if not isinstance(value, Mapping))
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            continue
        wide = {key: value for key, value in table.items() if _is_wide(value)}
        if len(wide) < len(table) or not table:
            yield from ("", f"[{_word(name)}]")
            yield from (f"{_word(key)} = {_word(value)}" for key, value in table.items() if key not in wide)
        for key, value in wide.items():
            yield from ("", f"[{_word(name)}.{_word(key)}]")
            yield from (f"{_word(inner)} = {_word(one)}" for inner, one in value.items())


def _is_wide(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(one, list) for one in value.values())


def _word(value: Any) -> str:
    """Write a value, or a key in quotes, as TOML; its texts are written as JSON's."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_word(key)} = {_word(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_word(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


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
    if _is_set(ours) and _is_set(theirs):
        kept = [one for one in ours if one in theirs or one not in known]
        return sorted({*kept, *(one for one in theirs if one not in known)})
    if place.rpartition(" ")[2] == _WHY and isinstance(ours, str) and isinstance(theirs, str):
        return "; ".join(sorted({*ours.split("; "), *theirs.split("; ")}))
    conflicts.append(place)
    return _sorted(ours)


def _is_set(value: Any) -> bool:
    """Tell a list that holds nothing twice. Of statements, each counts as often as it was sent."""
    return isinstance(value, list) and len({*value}) == len(value)


def _sorted(value: Any) -> Any:
    return {key: _sorted(value[key]) for key in sorted(value)} if isinstance(value, Mapping) else value
