"""Requests of a draft sent once more where there are more rows: what answers otherwise then is no scenario."""

from collections.abc import Iterable
from dataclasses import replace

from reglab.project.drafting.outcomes.outcome import RANK_MEASURED, Attempt, Outcome, outcome_of
from reglab.project.drafting.probe import SeenWrite
from reglab.project.drafting.trier import Trier


def checked_at_other_size(trier: Trier, outcomes: list[Outcome], *, size: str) -> list[Outcome]:
    """Send what was kept once more on more data: an answer unlike the first is no scenario, one that shows rows is."""
    return [_checked(trier, outcome, size=size) for outcome in outcomes]


def _checked(trier: Trier, outcome: Outcome, *, size: str) -> Outcome:
    attempt = outcome.attempt
    if attempt is None or not (outcome.is_measured or _shows_no_rows(attempt)):
        return outcome
    again = trier.again(attempt)
    if not outcome.is_measured:
        return outcome_of(outcome.endpoint, [again]) if again.rank >= RANK_MEASURED else outcome
    if again.seen.status == attempt.seen.status and not again.seen.error:
        larger_seen = again.seen.without_page()
        return replace(outcome, writes=larger(outcome.writes, larger_seen.writes), on_more_rows=larger_seen)
    changed = outcome_of(outcome.endpoint, [again])
    seen = changed.reason or f"{again.seen.status}, and {attempt.seen.status} on fewer rows"
    return replace(changed, reason=f"with {size}: {seen}", group=changed.group or "unequal answers")


def _shows_no_rows(attempt: Attempt) -> bool:
    return attempt.seen.is_success and not attempt.seen.rows and not attempt.seen.location


def larger(small: Iterable[SeenWrite], large: Iterable[SeenWrite]) -> tuple[SeenWrite, ...]:
    """Return the writes of both sizes, the larger count of each, and by how many the other was smaller."""
    before, after = ({(one.table, one.verb): one for one in writes} for writes in (small, large))
    found = []
    for key in dict.fromkeys((*before, *after)):
        both = [writes[key] for writes in (before, after) if key in writes]
        most = max(both, key=lambda one: one.rows)
        least = min(one.rows - one.fewer_by for one in both) if key in before and key in after else 0
        found.append(replace(most, fewer_by=most.rows - least))
    return tuple(found)
