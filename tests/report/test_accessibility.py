"""The report and the site under axe: no finding in any state, wide and narrow, in light and dark."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, ViewportSize

from reglab.report.history.store import History
from reglab.report.outcomes import Outcome
from reglab.report.records import Remark, RemarkKind
from reglab.report.renderings.html import page
from reglab.report.site.pages import write_site
from reglab.report.verdict import Verdict
from tests.chromium import NEEDS_CHROMIUM, complaints_of_axe, launched
from tests.report.example_records import load, suites, work
from tests.report.examples import healthy, judged, n_plus_one
from tests.report.making import record
from tests.report.test_page import full
from tests.report.verdicts import hostile

pytestmark = [pytest.mark.browser, pytest.mark.once, NEEDS_CHROMIUM]

WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched()


def inconclusive() -> Verdict:
    """A load that could not be decided, beside an audit that passed."""
    remark = Remark(kind=RemarkKind.INCONCLUSIVE, text="the generator's CPU was at 97 %", next_step="Use more workers.")
    verdict = judged(work(), suites(), record("load", *load().measurements, *load().series, remark))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    return verdict


def first_audit() -> Verdict:
    """An audit without a ledger: each counter is new, and nothing is held against anything."""
    found = work()
    unknown = [replace(line, accepted=None) for line in found.measurements]
    remark = Remark(
        kind=RemarkKind.INCONCLUSIVE,
        text="there is no ledger at bench/ledger: no counter is held against anything",
        next_step='Accept a first one, and commit it: audit --accept "why".',
    )
    verdict = judged(record("work", *unknown, *found.series, remark))
    assert verdict.outcome is not Outcome.PASS
    return verdict


def with_patch() -> Verdict:
    """A failure with the ledger's change, and a hostile word in it."""
    return replace(n_plus_one(), ledger_patch='--- a/x.json\n+++ b/x.json\n@@ -1 +1 @@\n-1\n+"<b>2</b>"\n')


STATES: Final = (healthy, full, with_patch, inconclusive, first_audit, hostile)
LOOKS: Final = pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide and light", "narrow and dark"]
)


def complaints(browser: Browser, file: Path, *, size: ViewportSize, scheme: str) -> list[str]:
    """What axe says of a file, all that is folded shown."""
    context = browser.new_context(viewport=size, color_scheme="dark" if scheme == "dark" else "light")
    try:
        shown = context.new_page()
        shown.goto(file.as_uri())
        shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        return complaints_of_axe(shown)
    finally:
        context.close()


@LOOKS
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_the_report(
    browser: Browser, tmp_path: Path, state: Callable[[], Verdict], size: ViewportSize, scheme: str
) -> None:
    """Pass, fail, undecided, a first audit, a load with charts, hostile texts: everybody can read each of them."""
    file = tmp_path / "report.html"
    file.write_text(page.render(state()), encoding="utf-8")
    assert complaints(browser, file, size=size, scheme=scheme) == []


@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (NARROW, "light")], ids=["wide", "narrow"])
def test_axe_finds_nothing_in_the_largest_report_the_other_way_round(
    browser: Browser, tmp_path: Path, size: ViewportSize, scheme: str
) -> None:
    """All that the page can show has its colours in both schemes at both widths."""
    file = tmp_path / "report.html"
    file.write_text(page.render(full()), encoding="utf-8")
    assert complaints(browser, file, size=size, scheme=scheme) == []


@LOOKS
def test_axe_finds_nothing_in_the_site(browser: Browser, tmp_path: Path, size: ViewportSize, scheme: str) -> None:
    """Neither in the page of the history, with its lines and its table."""
    history = History(tmp_path / "runs.sqlite3")
    for name, verdict in (("20260130T120000Z-000000", healthy()), ("20260131T120000Z-9f86d0", n_plus_one())):
        history.append(replace(verdict, run=name))
    write_site(history, runs=tmp_path / "runs", folder=tmp_path / "site")
    assert complaints(browser, tmp_path / "site" / "index.html", size=size, scheme=scheme) == []


def test_axe_would_find_something(browser: Browser, tmp_path: Path) -> None:
    """The check is able to fail: a page without a language and with pale text is found."""
    file = tmp_path / "bad.html"
    file.write_text('<!doctype html><title>x</title><main><p style="color:#ccc">pale</p></main>', encoding="utf-8")
    found = complaints(browser, file, size=WIDE, scheme="light")
    assert {each.partition(":")[0] for each in found} >= {"html-has-lang", "color-contrast"}
