"""Rows that a request passed over because the other one held them: to it, they were not there."""

import re
from collections.abc import Sequence
from typing import Final

from reglab.race.scheduling.scheduler import Event
from reglab.race.scheduling.sync_points import Action, Kind

_SKIPS: Final = re.compile(r"\bSKIP\s+LOCKED\b", re.IGNORECASE)


def skipped_rows(schedule: Sequence[Event], names: Sequence[str]) -> tuple[Action | None, str]:
    """Return the first lock that passes over rows of a table which the other side holds at that moment, and why."""
    held: tuple[set[str], set[str]] = (set(), set())
    for event in schedule:
        action, side = event.action, event.side
        if event.what != "does":
            continue
        if action.kind is Kind.LOCK and _SKIPS.search(action.text) and (both := held[1 - side] & set(action.tables)):
            return action, (
                f"; {names[side]} asks for {', '.join(sorted(both))} with SKIP LOCKED, and what {names[1 - side]} has "
                "locked is not there for it"
            )
        if action.kind is Kind.LOCK or action.written:
            held[side].update(action.written or action.tables)
        if action.publishes or action.kind in {Kind.COMMIT, Kind.ROLLBACK}:
            held[side].clear()
    return None, ""
