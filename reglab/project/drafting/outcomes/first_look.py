"""First look of a draft: statements that are sent more often on more rows, minutes before the audit that decides.

Two sizes and one request each: what grows once for all, or with a page's own length, is not told apart yet.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reglab.console import wrapped
from reglab.project.drafting.outcomes.outcome import Outcome
from reglab.project.drafting.probe import Seen
from reglab.project.source_lines import ProjectFrames
from reglab.project.statements import shape_of

SHOWN: Final = 5
# Twice as often may be one more for a row of another kind.
_MORE_MIN: Final = 3
_COLUMNS: Final = re.compile(r"(?<=SELECT) (?:(?! FROM ).){30,}?(?= FROM )", re.DOTALL)
_STATEMENT_CHARACTERS: Final = 160


@dataclass(slots=True, kw_only=True)
class Growing:
    """A statement that one line of the project sends more often on more rows, and the endpoints that do."""

    statement: str
    place: str
    fewer: int = 0
    more: int = 0
    endpoints: list[str] = field(default_factory=list)


def growing(outcomes: Iterable[Outcome], *, frames: ProjectFrames) -> list[Growing]:
    """Return what is sent more often on more rows, by statement and line; what most endpoints do first."""
    found: dict[tuple[str, str], Growing] = {}
    for outcome in outcomes:
        small = outcome.attempt.seen if outcome.attempt is not None else None
        if small is None or outcome.on_more_rows is None or not outcome.is_measured:
            continue
        for text, fewer, more, place in _more_often(small, outcome.on_more_rows, frames):
            one = found.setdefault((text, place), Growing(statement=text, place=place))
            one.endpoints.append(outcome.endpoint.name)
            if more - fewer > one.more - one.fewer:
                one.fewer, one.more = fewer, more
    return sorted(found.values(), key=lambda one: (-len(one.endpoints), one.fewer - one.more, one.statement))


def told(found: list[Growing], *, small: str, large: str) -> Iterator[str]:
    """Yield the lines for the terminal; none where nothing grows."""
    if not found:
        return
    yield wrapped(f"first look, {small} beside {large}; the audit that follows decides, with a third size:")
    for one in found[:SHOWN]:
        others = f" and {len(one.endpoints) - 1} more" if len(one.endpoints) > 1 else ""
        yield wrapped(f"{one.fewer}, then {one.more} × {_shortened(one.statement)}", indent=2)
        yield wrapped(f"at {one.place}, in {one.endpoints[0]}{others}", indent=6)
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more"


def _more_often(small: Seen, large: Seen, frames: ProjectFrames) -> Iterator[tuple[str, int, int, str]]:
    before: Counter[str] = Counter()
    for sql, number in small.sent.items():
        before[shape_of(sql).text] += number
    after: Counter[str] = Counter()
    marks: Mapping[str, tuple[str, ...]] = {
        shape_of(sql).text: frames.words(found) for sql, found in large.repeated_at.items()
    }
    for sql, number in large.sent.items():
        after[shape_of(sql).text] += number
    for text, number in after.items():
        places = marks.get(text, ())
        if places and number - before[text] >= _MORE_MIN:
            yield text, before[text], number, places[0]


def _shortened(statement: str) -> str:
    text = " ".join(_COLUMNS.sub(" …", statement).split())
    return text if len(text) <= _STATEMENT_CHARACTERS else f"{text[:_STATEMENT_CHARACTERS]}…"
