"""Every rendering against its golden file, and the comments of five planted regressions."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reglab.report.history.run_differences import difference
from reglab.report.history.store import History
from reglab.report.history.trends import trends_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings import run_lists, terminal, text_tables
from reglab.report.renderings.files import RENDERINGS
from reglab.report.runs import Concluded
from reglab.report.verdict import Verdict
from tests.report.examples import PLANTED, healthy, n_plus_one, slower_than_baseline
from tests.report.test_trends import QUANTITY, points

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("example", [healthy, slower_than_baseline], ids=["healthy", "slower"])
def test_the_page_is_as_reviewed_but_for_its_plots(golden: Golden, example: Callable[[], Verdict]) -> None:
    """The page's text and structure are what was reviewed; the plots' paths belong to the plotting library."""
    text = re.sub(r"(<svg [^>]*>).*?</svg>", r"\1</svg>", RENDERINGS["report.html"](example()), flags=re.DOTALL)
    # The scripts are files of their own; the page's policy names each by its digest.
    text = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    golden(f"{example.__name__}-report.html", re.sub(r' viewBox="[^"]*"', "", text))


@pytest.mark.parametrize("example", [healthy, slower_than_baseline], ids=["healthy", "slower"])
@pytest.mark.parametrize("name", [name for name in RENDERINGS if not name.endswith(".html")])
def test_a_rendering_is_as_reviewed(golden: Golden, name: str, example: Callable[[], Verdict]) -> None:
    """Each rendering of a passing and of a failing run is, to the byte, what was reviewed."""
    golden(f"{example.__name__}-{name}", RENDERINGS[name](example()))


@pytest.mark.parametrize("example", [healthy, slower_than_baseline], ids=["healthy", "slower"])
@pytest.mark.parametrize("colour", [False, True])
def test_the_terminal_is_as_reviewed(golden: Golden, example: Callable[[], Verdict], colour: bool) -> None:
    """The terminal's text is what was reviewed, plain and in colour."""
    suffix = "-colour" if colour else ""
    golden(f"{example.__name__}-terminal{suffix}.txt", terminal.render(example(), colour=colour))


def test_the_table_of_differences_is_as_reviewed(golden: Golden) -> None:
    """`reglab report diff`: findings that turned first, then what moved."""
    golden("tables-diff.txt", run_lists.difference(difference(baseline=healthy(), candidate=n_plus_one())))


def test_the_table_of_trends_is_as_reviewed(golden: Golden) -> None:
    """`reglab report trend`: the last runs as blocks, the last change, the drift from the pin."""
    values = [38.0 + index % 3 for index in range(15)] + [46.0 + index % 3 for index in range(10)]
    golden("tables-trend.txt", text_tables.trends(trends_of({QUANTITY: points(*values)}, pinned_run="run-0")))


def test_the_table_of_runs_is_as_reviewed(golden: Golden, tmp_path: Path) -> None:
    """`reglab report list`: judged runs with their pins, then those that nobody judged."""
    history = History(tmp_path / "runs.sqlite3")
    for name, verdict in (("20260130T120000Z-000000", healthy()), (healthy().run, n_plus_one())):
        history.append(replace(verdict, run=name))
    history.pin("20260130T120000Z-000000", name="baseline", pinned_at="2026-01-31T12:00:00+00:00")
    alone = {
        "20260201T120000Z-abcdef": None,
        "20260202T120000Z-abcdef": Concluded(outcome="pass", summary="PASS: 3 pass, work only"),
    }
    golden("tables-list.txt", run_lists.runs(history.runs(), alone))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_gets_a_comment_that_can_be_acted_on(golden: Golden, name: str) -> None:
    """The comment on a pull request with this regression is what was reviewed: a stranger can mend it from there."""
    golden(f"planted-{name}.md", RENDERINGS["report.md"](PLANTED[name]()))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_is_told_on_a_screen_of_80_columns(golden: Golden, name: str) -> None:
    """At a terminal the cause of this regression is what was reviewed: its first three lines suffice to mend it."""
    golden(f"planted-{name}-terminal-80.txt", terminal.render(PLANTED[name](), width=80))


@pytest.mark.parametrize(
    ("name", "rule", "endpoint", "said"),
    [
        ("n-plus-one", "queries-accepted", "GET /api/orders/", "service/orders/serializers.py:27"),
        ("cancel-deletes-customer", "writes-inside-contract", "POST /api/orders/<id>/cancel/", "orders_customer"),
        ("missing-index", "queries-indexed", "GET /api/orders/?email=", "service/orders/filters.py:19"),
        ("summary-loop", "queries-accepted", "GET /api/orders/summary/", "service/orders/selectors.py:46"),
        ("slow-under-load", "slo-latency", "GET /api/orders/summary/", "483 ms"),
    ],
)
def test_a_planted_regression_fails_first_with_its_cause(name: str, rule: str, endpoint: str, said: str) -> None:
    """The first finding of each planted regression names the rule, the endpoint and the cause."""
    verdict = PLANTED[name]()
    first = verdict.findings[0]
    causes = " ".join(f"{each.text} {each.source}" for each in first.evidence)
    assert (verdict.outcome, first.rule, first.endpoint) == (Outcome.FAIL, rule, endpoint)
    assert said in causes
