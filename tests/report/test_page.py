"""The HTML page in a real browser: nothing is fetched, nothing complains, and it fits on a phone."""

import os
import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reglab.report.history.trends import trends_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings.html import page
from reglab.report.verdict import Verdict
from tests.report.example_records import LIST, compared, load, suites, work
from tests.report.examples import judged, n_plus_one
from tests.report.test_trends import QUANTITY, points
from tests.report.verdicts import HOSTILE_TEXTS, hostile

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIMIT_BYTES = 3_000_000
# What filters and unfolds, the chart library, and what draws with it.
OWN_SCRIPTS = ("report.js", "uPlot.iife.min.js", "charts.js")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("REQUIRE_BROWSER"), reason="there is no chromium here"),
]


def full() -> Verdict:
    """A run with everything that the page can show."""
    grown = n_plus_one().records[0]
    verdict = judged(
        work(list_orders=[line for line in grown.measurements if line.endpoint == LIST]),
        suites(),
        compared(1.1),
        load(504.9),
    )
    values = [38.0 + index % 3 for index in range(15)] + [46.0 + index % 3 for index in range(10)]
    return replace(verdict, trends=tuple(trends_of({QUANTITY: points(*values)}, pinned_run="run-0")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Page, list[str]]]:
    """The page at the width that the test asks for, and all that the browser fetched or complained about."""
    width, scheme, verdict = request.param
    (tmp_path / "report.html").write_text(page.render(verdict()), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    shown, said = context.new_page(), list[str]()
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.on("request", lambda asked: said.append(asked.url))
    shown.goto((tmp_path / "report.html").as_uri())
    yield shown, said
    context.close()


SIZES = pytest.mark.parametrize(
    "opened", [(1280, "light", full), (390, "light", full), (390, "dark", full), (390, "dark", hostile)], indirect=True
)


@SIZES
def test_the_page_fetches_nothing_and_nothing_complains(opened: tuple[Page, list[str]]) -> None:
    """The only request is the page itself, and the console stays empty, hostile texts included."""
    shown, said = opened
    assert said == [shown.url]


@SIZES
def test_the_page_never_scrolls_sideways(opened: tuple[Page, list[str]]) -> None:
    """On a phone as on a desk, the page is as wide as its window; wide tables scroll in themselves."""
    shown, _ = opened
    assert shown.evaluate("document.documentElement.scrollWidth") == shown.viewport_size["width"]  # type: ignore[index]


@SIZES
def test_every_link_leads_somewhere(opened: tuple[Page, list[str]]) -> None:
    """Each link within the page has its target, and each id is there once."""
    shown, _ = opened
    assert (
        shown.evaluate(
            "[...document.querySelectorAll('a')].filter(a => !document.getElementById(a.hash.slice(1))).length"
        )
        == 0
    )
    ids = shown.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("opened", [(1280, "light", full)], indirect=True)
def test_the_findings_are_reached_by_keyboard_first(opened: tuple[Page, list[str]]) -> None:
    """The first tab stop skips to the findings."""
    shown, _ = opened
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**#findings")


@pytest.mark.parametrize("opened", [(1280, "light", full)], indirect=True)
def test_every_plot_has_a_name_and_a_caption(opened: tuple[Page, list[str]]) -> None:
    """A screen reader hears what each plot shows: growth, pairs, rounds, trend and time line are all there."""
    shown, _ = opened
    names = shown.evaluate("[...document.querySelectorAll('figure svg')].map(each => each.getAttribute('aria-label'))")
    captions = shown.evaluate("[...document.querySelectorAll('figcaption')].map(each => each.textContent)")
    assert len(names) == len(captions) > 0
    told = " ".join(names)
    assert all(word in told for word in ("Growth of", "pairs", "rounds", "Trend of", "Time line of"))


@pytest.mark.parametrize("opened", [(390, "dark", full)], indirect=True)
def test_plots_follow_the_dark_mode(opened: tuple[Page, list[str]]) -> None:
    """The text of a plot has the page's own colour, which is light on dark."""
    shown, _ = opened
    colours = shown.evaluate(
        "[getComputedStyle(document.querySelector('figure svg text')).fill, getComputedStyle(document.body).color]"
    )
    assert colours[0] == colours[1] == "rgb(230, 237, 243)"


def test_the_page_is_one_small_file() -> None:
    """The page has its own scripts and no address of another file, and stays below 3 MB."""
    text = page.render(full())
    assert len(text.encode()) < LIMIT_BYTES
    assert text.count("<script") == len(OWN_SCRIPTS)
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', text)


def test_the_margins_drawn_are_those_of_the_policy_that_judged() -> None:
    """The plot of the pairs names the margins of the rule; where no rule judged the pairs, it draws none."""
    verdict = full()
    assert "margins 2 % and 5 %" in page.render(verdict)
    unjudged = tuple(replace(each, margins=()) for each in verdict.findings)
    assert "margins 2 %" not in page.render(replace(verdict, findings=unjudged))


def test_hostile_texts_stay_texts() -> None:
    """Markup, templates and links out of a record are shown as they are written."""
    text = page.render(hostile())
    assert text.count("<script") == len(OWN_SCRIPTS)
    assert "{{ template }}" in text
    assert HOSTILE_TEXTS


def test_only_the_pages_own_script_may_run() -> None:
    """The page's policy names the digest of its script, and no other source."""
    text = page.render(full())
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script
    digest = b64encode(sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


@pytest.mark.parametrize("opened", [(1280, "light", full)], indirect=True)
def test_endpoints_are_found_by_search_and_by_outcome(opened: tuple[Page, list[str]]) -> None:
    """Typing a part of an endpoint, or choosing an outcome, leaves the endpoints that fit."""
    shown, _ = opened
    visible = "[...document.querySelectorAll('#index li')].filter(each => !each.hidden).length"
    everything = shown.evaluate(visible)
    shown.fill("#search", "summary")
    assert 0 < shown.evaluate(visible) < everything
    shown.fill("#search", "")
    shown.select_option("#outcome", "fail")
    assert 0 < shown.evaluate(visible) < everything


@pytest.mark.parametrize("opened", [(1280, "light", full)], indirect=True)
def test_the_endpoints_begin_within_three_screens(opened: tuple[Page, list[str]]) -> None:
    """Whatever fails, the list of endpoints is at most three screens down."""
    shown, _ = opened
    assert shown.evaluate("document.getElementById('endpoints').getBoundingClientRect().top") < 3 * 900


def test_worst_endpoints_come_first() -> None:
    """Sections stand in the order of their outcome."""
    from reglab.report.renderings.html.sections import sections_of

    severities = [section.outcome.severity for section in sections_of(full())]
    assert severities == sorted(severities, reverse=True)
    assert sections_of(full())[0].outcome is Outcome.FAIL


@pytest.mark.parametrize("opened", [(1280, "light", full)], indirect=True)
def test_a_load_is_looked_into_without_network(opened: tuple[Page, list[str]]) -> None:
    """The pointer shows values; what is dragged over fills the charts; a double click shows all again."""
    shown, said = opened
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    over = shown.locator("figure[data-chart] .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    moment = shown.locator("figure[data-chart] .u-legend .u-value").first

    def at(share: float) -> float:
        shown.mouse.move(box["x"] + share * box["width"], middle)
        return float(moment.inner_text())

    begin, end = at(0.01), at(0.99)
    assert begin < end
    at(0.5)
    shown.mouse.down()
    at(0.98)
    shown.mouse.up()
    assert at(0.01) > begin
    over.dblclick()
    assert (at(0.01), at(0.99)) == (begin, end)
    assert said == [shown.url]
