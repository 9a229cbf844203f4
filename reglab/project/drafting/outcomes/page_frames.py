"""Frames of pages: a page with nothing but what every page shows, such as a menu, measures nothing of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reglab.project.drafting.outcomes.outcome import NO_ROWS, Outcome
from reglab.project.drafting.view_models import model_admin_of

# Of fewer views nobody can tell a frame from two pages that show the same.
PAGES_MIN: Final = 5
_SHARE: Final = 0.6
# Most endpoints below one row ask for it, and the one that shows it asks for nothing else: that is no frame.
_SHARE_OF_OTHERS: Final = 0.95


def without_page_frames(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Waive the answers whose only rows are those of statements that most of their kind send: a menu, a tenant's row.

    Pages and other answers have frames of their own; who writes nothing, and reads no more than the frame, did
    nothing. The admin's pages are left alone.
    """
    asked = [one for one in outcomes if one.is_measured and model_admin_of(one.endpoint.view) is None]
    reading = [one for one in asked if _is_get(one)]
    framed: set[int] = set()
    for is_page, share in ((True, _SHARE), (False, _SHARE_OF_OTHERS)):
        frame = _frame([one for one in reading if _is_page(one) is is_page], share=share)
        idle = [one for one in asked if _is_page(one) is is_page and (_is_get(one) or not one.writes)]
        framed.update(id(one) for one in idle if frame and _statements(one) <= frame)
    return [_waived(one) if id(one) in framed else one for one in outcomes]


def _frame(answers: Sequence[Outcome], *, share: float) -> frozenset[str]:
    """Return the statements that most views' answers send; none where nobody can tell them from content.

    A view below several paths is one: its rows are its own. Where no answer reads more, they are what all are about.
    """
    by_view: dict[int, set[str]] = {}
    for one in answers:
        by_view.setdefault(id(one.endpoint.view), set()).update(_statements(one))
    counts = Counter(text for texts in by_view.values() for text in texts)
    least = max(PAGES_MIN - 1, share * len(by_view))
    common = frozenset(text for text, number in counts.items() if number >= least)
    is_telling = len(by_view) >= PAGES_MIN and any(_statements(one) - common for one in answers)
    return common if is_telling else frozenset()


def _is_get(outcome: Outcome) -> bool:
    return outcome.attempt is not None and outcome.attempt.request.startswith("GET ")


def _is_page(outcome: Outcome) -> bool:
    return outcome.attempt is not None and "html" in outcome.attempt.seen.content_type


def _statements(page: Outcome) -> frozenset[str]:
    return page.attempt.seen.statements if page.attempt is not None else frozenset()


def _waived(page: Outcome) -> Outcome:
    status = page.attempt.seen.status if page.attempt is not None else 0
    return replace(
        page, reason=f"{status}: reads no row but those that most answers read, as for a menu", group=NO_ROWS
    )
