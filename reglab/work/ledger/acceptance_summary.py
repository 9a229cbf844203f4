"""The summary of an acceptance: what a reviewer has to look at, and what has to be measured elsewhere now."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from reglab.work.ledger.acceptance import Change
from reglab.work.ledger.ledger import Ledger

_LINES_SHOWN: Final = 12


def summary_of(changes: Sequence[Change], folder: Path, *, why: str) -> Iterator[str]:
    """Give a line a change by scenario, the long ones cut, and one that sums up."""
    if not changes:
        yield f"{folder}: nothing to accept: every counter is what the ledger holds, within its rule's tolerance"
        return
    names = list(dict.fromkeys(change.scenario for change in changes))
    new = [change.scenario for change in changes if change.is_new_scenario]
    gone = [change.scenario for change in changes if change.is_gone]
    left_out = {*new[_LINES_SHOWN:], *gone[_LINES_SHOWN:]}
    for name in names:
        if name in left_out:
            continue
        own = [change.text for change in changes if change.scenario == name]
        for text in own[:_LINES_SHOWN]:
            yield f"{name}: {text}"
        if len(own) > _LINES_SHOWN:
            yield f"{name}: and {len(own) - _LINES_SHOWN} more, in {name}.json"
    if len(new) > _LINES_SHOWN:
        yield f"and {len(new) - _LINES_SHOWN} more that are new"
    if len(gone) > _LINES_SHOWN:
        yield f"and {len(gone) - _LINES_SHOWN} more that are gone"
    scenarios = f"{len(names)} scenario{'' if len(names) == 1 else 's'}"
    yield f"{folder}: {len(changes)} change{'' if len(changes) == 1 else 's'} of {scenarios} accepted: {why}"


def outdated_sections(changes: Sequence[Change], ledger: Ledger) -> Iterator[str]:
    """Name the sections of other databases and interpreters that hold what was just changed here."""
    names = {change.scenario for change in changes if not change.is_new_scenario}
    own = {ledger.sections.base}
    others = sorted(
        {
            section
            for name in names
            for section in ledger.scenario(name).counters
            if section.partition(" ")[0] not in own
        }
    )
    for section in others:
        vendor = section.partition(" ")[0]
        only = next(iter(names)) if len(names) == 1 else "*"
        yield (
            f"the section {section!r} may be out of date now; renew it on {vendor}: "
            f'`reglab audit --only "{only}" --accept "why"` with a {vendor} database in DATABASE_URL'
        )
