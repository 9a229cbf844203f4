"""Frames of pages: a page with nothing but what every page shows, such as a menu, measures nothing of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reglab.project.drafting.outcomes import NO_ROWS, Outcome
from reglab.project.drafting.view_models import model_admin_of

# Of fewer pages nobody can tell a frame from two pages that show the same.
PAGES_MIN: Final = 5
_SHARE: Final = 0.6


def without_page_frames(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Waive the pages whose only rows are those of statements that most pages send. The admin's are left alone."""
    pages = [one for one in outcomes if _is_page(one)]
    counts = Counter(text for page in pages for text in _statements(page))
    frame = {text for text, number in counts.items() if number >= max(PAGES_MIN - 1, _SHARE * len(pages))}
    framed = {page.endpoint.name for page in pages if frame and len(pages) >= PAGES_MIN and _statements(page) <= frame}
    return [_waived(one) if one.endpoint.name in framed else one for one in outcomes]


def _is_page(outcome: Outcome) -> bool:
    attempt = outcome.attempt
    is_html = attempt is not None and attempt.request.startswith("GET ") and "html" in attempt.seen.content_type
    return is_html and outcome.is_measured and model_admin_of(outcome.endpoint.view) is None


def _statements(page: Outcome) -> frozenset[str]:
    return page.attempt.seen.statements if page.attempt is not None else frozenset()


def _waived(page: Outcome) -> Outcome:
    status = page.attempt.seen.status if page.attempt is not None else 0
    return replace(page, reason=f"{status}: reads no row but those that most pages read, as for a menu", group=NO_ROWS)
