"""The first screen of the report: it answers "may I merge?" and tells what to mend, without scrolling."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Shown

from reglab.report.causes.cause import Cause
from reglab.report.renderings.headlines import headline, place_of
from reglab.report.renderings.html import page
from reglab.report.renderings.html.instrument_figures import figures_of
from reglab.report.renderings.text import one_line
from reglab.report.verdict import Verdict
from tests.chromium import NEEDS_CHROMIUM, launched
from tests.report.examples import healthy, n_plus_one
from tests.report.planted_verdicts import planted_verdict
from tests.report.test_planted_pages import TOLD
from tools.screenshots.camera import first_words, picture_of, words_of

pytestmark = [pytest.mark.browser, pytest.mark.once, NEEDS_CHROMIUM]

WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
SIZES: Final = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280x800", "390x844"])
GOLDEN: Final = Path(__file__).with_name("golden")
IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
LIMIT_BYTES: Final = 40_000
# Each text of the page that lies in the window as a whole.
IN_VIEW: Final = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.height && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0) found.push(node.textContent);
  }
  return found.join(' ');
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


@pytest.fixture
def shown(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Shown]]:
    """Open the page of a verdict in a window of that size."""
    monkeypatch.chdir(tmp_path)
    contexts = []

    def opened(verdict: Verdict, size: ViewportSize) -> Shown:
        (tmp_path / "report.html").write_text(page.render(verdict), encoding="utf-8")
        contexts.append(browser.new_context(viewport=size))
        shown: Shown = contexts[-1].new_page()
        shown.goto((tmp_path / "report.html").as_uri())
        return shown

    yield opened
    for context in contexts:
        context.close()


def words(text: str) -> str:
    return " ".join(one_line(text).replace("\N{NO-BREAK SPACE}", " ").split())


@SIZES
@pytest.mark.parametrize("name", TOLD)
def test_what_to_mend_is_in_view(shown: Callable[..., Shown], name: str, size: ViewportSize) -> None:
    """The answer, the first cause, its line and the next step stand in the window as it opens, on a phone as well."""
    verdict = planted_verdict(name)
    first = verdict.causes[0]
    seen = words(shown(verdict, size).evaluate(IN_VIEW))
    told = ("No, do not merge", headline(first, verdict.records), place_of(first), first.first.next_step)
    assert [text for text in told if words(text) not in seen] == []


def test_two_requests_that_meet_are_a_pair() -> None:
    """The race audit measures pairs, the others endpoints; the first screen says which it counts."""
    verdict = healthy()
    (first, *_) = figures_of(verdict)
    met = replace(
        verdict,
        samples=tuple(replace(one, endpoint=one.endpoint and f"{one.endpoint} + GET /") for one in verdict.samples),
    )
    assert dict(first.figures)["measured"].endswith("endpoints")
    assert dict(figures_of(met)[0].figures)["measured"] == dict(first.figures)["measured"].replace("endpoint", "pair")


@SIZES
def test_a_pass_answers_at_once(shown: Callable[..., Shown], size: ViewportSize) -> None:
    """The answer and the figures of each instrument stand in the window as it opens."""
    seen = words(shown(healthy(), size).evaluate(IN_VIEW))
    assert [text for text in ("Yes, you may merge", "4 endpoints", "latency p95", "31.2 ms") if text not in seen] == []


@SIZES
@pytest.mark.parametrize("name", TOLD)
def test_the_endpoints_are_near(shown: Callable[..., Shown], name: str, size: ViewportSize) -> None:
    """The list of endpoints begins within three screens."""
    assert screens_before_endpoints(shown(planted_verdict(name), size)) <= 3


@SIZES
def test_the_endpoints_are_near_whatever_fails(shown: Callable[..., Shown], size: ViewportSize) -> None:
    """Forty causes, each told at length, are no longer way to the endpoints."""
    assert screens_before_endpoints(shown(with_many_causes(), size)) <= 3


def screens_before_endpoints(shown: Shown) -> float:
    top: float = shown.evaluate("document.getElementById('endpoints').getBoundingClientRect().top / innerHeight")
    return top


def with_many_causes() -> Verdict:
    """The worst of pages: forty causes with long texts, each at many endpoints, and as many notes."""
    verdict = n_plus_one()
    (first, *_) = [each for each in verdict.findings if each.evidence]
    findings = []
    for number in range(40):
        evidence = replace(
            first.evidence[0],
            text=f"{', '.join(f'table_{number}.column_{column}' for column in range(40))} of table_{number}",
            source=f"service/orders/some/deep/folder/module_{number}.py:{number + 1} in SomeLongClass.a_long_function",
            frames=tuple(f"service/orders/some/deep/folder/views.py:{line} in AView.a_function" for line in range(9)),
            table=f"table_{number}",
        )
        step = "Join or prefetch what the repeated statement reads, or add the index; an exception stands in the suite."
        findings += [
            replace(
                first,
                scenario=f"scenario-{number}",
                endpoint=f"GET /api/a/long/path/{number}/{place}/",
                evidence=(evidence,),
                next_step=step,
            )
            for place in range(8)
        ]
    made: Verdict = replace(verdict, findings=(*findings, *verdict.findings))
    assert len(made.causes) >= 40
    return made


@pytest.mark.parametrize("name", TOLD)
def test_the_picture_is_of_this_page(shown: Callable[..., Shown], name: str, request: pytest.FixtureRequest) -> None:
    """The reviewed picture shows what the page says now. Words are compared, not dots: fonts differ by machine."""
    opened = shown(planted_verdict(name), WIDE)
    path = GOLDEN / f"real-{name}.png"
    if request.config.getoption("--update-golden", default=False):
        path.write_bytes(picture_of(opened))
    picture = path.read_bytes()
    assert words_of(picture) == first_words(opened), f"{path.name} shows another text: if meant, --update-golden"
    assert len(picture) <= LIMIT_BYTES


def test_the_pictures_of_the_docs_are_of_this_page(shown: Callable[..., Shown]) -> None:
    """`python -m tools.screenshots` was run after the last change of these words."""
    failed = first_words(shown(planted_verdict("lost-select-related"), WIDE))
    passed = first_words(shown(healthy(), WIDE))
    for name, seen in (("report-fail", failed), ("report-fail-phone", failed), ("report-pass", passed)):
        picture = (IMAGES / f"{name}.png").read_bytes()
        assert words_of(picture) == seen
        assert len(picture) <= LIMIT_BYTES


def test_causes_are_told_in_the_order_of_the_verdict(shown: Callable[..., Shown]) -> None:
    """What the page shows first is the verdict's first cause."""
    verdict = with_many_causes()
    first: Cause = verdict.causes[0]
    assert words(headline(first, verdict.records)) in words(first_words(shown(verdict, WIDE)))
