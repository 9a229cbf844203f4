"""Every rendering against its golden file, and the comments of five planted regressions."""

import re
from collections.abc import Callable

import pytest

from reports.outcomes import Outcome
from reports.renderings import terminal
from reports.renderings.files import RENDERINGS
from reports.verdict import Verdict
from tests.reports.examples import PLANTED, healthy, slower_than_baseline

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("example", [healthy, slower_than_baseline], ids=["healthy", "slower"])
def test_the_page_is_as_reviewed_but_for_its_plots(golden: Golden, example: Callable[[], Verdict]) -> None:
    """The page's text and structure are what was reviewed; the plots' paths belong to the plotting library."""
    text = re.sub(r"(<svg [^>]*>).*?</svg>", r"\1</svg>", RENDERINGS["report.html"](example()), flags=re.DOTALL)
    text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
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


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_gets_a_comment_that_can_be_acted_on(golden: Golden, name: str) -> None:
    """The comment on a pull request with this regression is what was reviewed: a stranger can mend it from there."""
    golden(f"planted-{name}.md", RENDERINGS["report.md"](PLANTED[name]()))


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
