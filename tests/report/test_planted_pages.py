"""Pages of real planted regressions: their records were measured once, and are judged and shown anew.

`python -m tools.planted --by-instrument --again --only NAME --keep-records tests/report/planted` measures one anew.
"""

import re
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from reglab.report.causes.grouping import causes_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings import terminal
from reglab.report.renderings.files import RENDERINGS
from reglab.report.verdict import Verdict
from tests.report.planted_verdicts import planted_verdict


@pytest.fixture
def verdict(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    """The records of a planted regression, judged under the present rules."""
    # So that no page names the folder of a test.
    monkeypatch.chdir(tmp_path)
    return planted_verdict(name)


# What the first three lines at a terminal of 80 columns must hold: enough to mend the code without opening a report.
TOLD: Final = {
    "archive-needs-no-change-permission": (
        "user: 200 and writes at POST /api/orders/{pk}/archive/",
        "accepted: 403",
        "views.py:90",
    ),
    "cancel-deletes-the-customer": ("orders_customer delete 1 row", "allows 0", "signals.py:15", "Remove the write"),
    "email-in-the-where": ("injections: 1 value", "?email= is part of the statement's text", "filters.py:20"),
    "extra-serializer-field": ("the answer has a new field: results[].customer_name", "GET /api/orders/"),
    "lost-select-related": (
        "10 queries at 5 orders, 55 at 50",
        "serializers.py:60",
        "select_related",
        "orders_customer",
    ),
    "names-cut-at-100": ("POST with name = a text of 199 characters: 201", "as a text of 100", "services.py:42"),
    "names-in-capitals": ("orders.0006_names_in_capitals: 6 rows of orders_customer changed in name",),
    "order-written-without-a-transaction": (
        "statement 3 of 7",
        "a part stays: 1 row of orders_order inserted",
        "services.py:78",
    ),
    "readiness-by-a-pool": ("1 call (+1) of thread", "starts a thread", "health.py:59"),
    "retired-customers-counted": (
        "customers with is_active = False: 5 queries",
        "SELECT COUNT(*)",
        "serializers.py:31",
    ),
    "status-index-dropped": ("orders_order: status", "no index of orders_order serves (status)", "pagination.py:115"),
    "summary-added-up-in-python": ("34 rows fetched (+8) of orders_order", "selectors.py:49", "SELECT"),
    "summary-of-yesterday": (
        "answers stale",
        "before and after replace-customer, summary is answered as before",
        "selectors.py:47",
    ),
    "total-without-its-lock": ("orders_order id=1: total_cents=1100, expected 1600", "totals.py:33"),
}
# What depends on the customer goes at another line, and the order that was to be written is gone: both are told.
CAUSES: Final = {"cancel-deletes-the-customer": 3}


@pytest.mark.parametrize("name", TOLD)
def test_the_first_three_lines_suffice(name: str, verdict: Verdict) -> None:
    """What was found, how much, and where stand in the first three lines of the terminal."""
    lines = terminal.render(verdict, width=80).splitlines()
    # Below the headline stands the statement: where it takes three lines by itself, these are read as one.
    first = " ".join(" ".join(lines[:4]).split())
    assert [words for words in TOLD[name] if words not in first] == []


@pytest.mark.parametrize("name", TOLD)
def test_one_change_is_one_cause(name: str, verdict: Verdict) -> None:
    """Whatever it moved, a change is told once, and it fails."""
    assert verdict.outcome is Outcome.FAIL
    assert len(causes_of(verdict.findings)) == CAUSES.get(name, 1)


def test_most_changes_are_one_cause() -> None:
    """At most three causes of one change, and one for half of them and more: the expectations above are bounded."""
    counts = [CAUSES.get(name, 1) for name in TOLD]
    assert max(counts) <= 3
    assert median(counts) == 1


@pytest.mark.parametrize("name", TOLD)
def test_a_page_is_as_reviewed(name: str, verdict: Verdict, golden: Callable[[str, str], None]) -> None:
    """Terminal and comment of each real regression are, to the byte, what was reviewed."""
    golden(f"real-{name}-terminal-80.txt", terminal.render(verdict, width=80))
    golden(f"real-{name}.md", RENDERINGS["report.md"](verdict))


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.usefixtures("name")
def test_no_page_names_a_place_of_the_machine(verdict: Verdict) -> None:
    """Paths are those of the project: what was measured elsewhere is read here."""
    assert not re.search(r"(?<![\w.])/(?:tmp|dev|root|home)/", RENDERINGS["report.md"](verdict))
