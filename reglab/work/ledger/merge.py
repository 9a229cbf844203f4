"""Three-way merge of a scenario's ledger, for git: what one side changed is kept, what both changed is a conflict."""

from collections.abc import Mapping
from typing import Final, TypeVar

from reglab.work.ledger.scenario_file import Accepted, ScenarioLedger

Entry = TypeVar("Entry")
# A line that no value can be: replaced by both sides' lines in the text.
_PLACE: Final = "\x00conflict "


def merged(base: ScenarioLedger, ours: ScenarioLedger, theirs: ScenarioLedger) -> tuple[str, tuple[str, ...]]:
    """Return the merged file, and the counters that both sides changed to different values.

    Each of these stands in the text between git's markers, and nothing else does. Statements are evidence: of two
    sides that changed them ours is kept, and the next acceptance puts them right.
    """
    result = ScenarioLedger()
    conflicts: dict[str, tuple[Accepted, Accepted]] = {}
    for section in sorted({*base.counters, *ours.counters, *theirs.counters}):
        sides = [each.counters.get(section, {}) for each in (base, ours, theirs)]
        entries, disputed = _merged_entries(*sides)
        for key in disputed:
            place = f"{_PLACE}{len(conflicts)}"
            conflicts[place] = (sides[1].get(key, _GONE), sides[2].get(key, _GONE))
            entries[key] = Accepted(value=0, why=place)
        result.counters[section] = entries
    for section in sorted({*base.unstable, *ours.unstable, *theirs.unstable}):
        entries_of, _ = _merged_entries(*(each.unstable.get(section, {}) for each in (base, ours, theirs)))
        result.unstable[section] = entries_of
        for key in entries_of:
            # What either side found to be unstable never gates.
            result.counters.get(section, {}).pop(key, None)
    for section in sorted({*base.statements, *ours.statements, *theirs.statements}):
        result.statements[section], _ = _merged_entries(
            *(each.statements.get(section, {}) for each in (base, ours, theirs))
        )
    return _with_markers(result.text(), conflicts)


_GONE: Final = Accepted(value=0, why="gone on this side")


def _merged_entries(
    base: Mapping[str, Entry], ours: Mapping[str, Entry], theirs: Mapping[str, Entry]
) -> tuple[dict[str, Entry], list[str]]:
    """Return the entries that result, ours where both changed one, and the keys of these."""
    found: dict[str, Entry] = {}
    disputed = []
    for key in sorted({*ours, *theirs}):
        before, our, their = base.get(key), ours.get(key), theirs.get(key)
        if _value(our) == _value(their) or _value(their) == _value(before):
            chosen = our
        elif _value(our) == _value(before):
            chosen = their
        else:
            chosen = our if our is not None else their
            disputed.append(key)
        if chosen is not None:
            found[key] = chosen
    return found, disputed


def _value(entry: object) -> object:
    """Return what two entries are compared by: of an accepted counter the value, whatever the reason."""
    return entry.value if isinstance(entry, Accepted) else entry


def _with_markers(text: str, conflicts: Mapping[str, tuple[Accepted, Accepted]]) -> tuple[str, tuple[str, ...]]:
    lines, named = [], []
    for line in text.split("\n"):
        place = next((place for place in conflicts if f'"{_escaped(place)}"' in line), None)
        if place is None:
            lines.append(line)
            continue
        key, comma = line.partition(": {")[0], "," if line.endswith(",") else ""
        named.append(key.strip().strip('"'))
        our, their = (f"{key}: {_line(entry)}{comma}" for entry in conflicts[place])
        lines += ["<<<<<<< ours", our, "=======", their, ">>>>>>> theirs"]
    return "\n".join(lines), tuple(named)


def _line(entry: Accepted) -> str:
    return ScenarioLedger(counters={"s": {"k": entry}}).text().partition(' "k": ')[2].partition("\n")[0]


def _escaped(place: str) -> str:
    return place.replace("\x00", "\\u0000")
