"""The site of the history: every run, its report where it is there, and what changed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reglab.errors import HistoryError
from reglab.git.code_host import CodeHost
from reglab.report.history.store import History
from reglab.report.outcomes import Outcome
from reglab.report.site.pages import badge, write_site
from tests.report.examples import healthy, n_plus_one

FIRST, LAST = "20260130T120000Z-000000", "20260131T120000Z-9f86d0"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of a passing run, whose folder is gone, and of a failing one with its report."""
    history = History(tmp_path / "runs.sqlite3")
    for name, verdict in ((FIRST, healthy()), (LAST, n_plus_one())):
        history.append(replace(verdict, run=name, host=CodeHost(branch="faster-list")))
    (tmp_path / "runs" / LAST).mkdir(parents=True)
    (tmp_path / "runs" / LAST / "report.html").write_text("the report", encoding="utf-8")
    write_site(history, runs=tmp_path / "runs", folder=tmp_path / "site")
    return tmp_path / "site"


def test_every_run_is_listed_and_linked_where_its_report_is(site: Path) -> None:
    """Both runs are there; only the one whose report exists has a link, which leads to a copy of it."""
    text = (site / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="(runs/[^"]+)"', text))
    assert FIRST in text
    assert links == {f"runs/{LAST}/report.html"}
    assert (site / links.pop()).read_text(encoding="utf-8") == "the report"


def test_a_quantity_that_changed_is_drawn_with_its_step(site: Path) -> None:
    """The queries that grew from 3 to 53 are a line with a mark at the run that changed them."""
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "3 → 53 queries" in text
    assert 'class="step"' in text


def test_the_page_needs_no_network_and_no_script(site: Path) -> None:
    """Nothing is fetched from elsewhere."""
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.findall(r'(?:src|href)="(?!#|data:|runs/)[^"]*"', text)


def test_the_badge_shows_the_last_outcome(site: Path) -> None:
    """The badge is of the latest run; without any it says so."""
    assert "regression lab: fail" in (site / "badge.svg").read_text(encoding="utf-8")
    assert "no run" in badge(None)


def test_without_a_history_there_is_no_site(tmp_path: Path) -> None:
    """A history that is not there is one sentence."""
    with pytest.raises(HistoryError, match="there is no history yet"):
        write_site(History(tmp_path / "none.sqlite3"), runs=tmp_path, folder=tmp_path / "site")


def test_a_run_is_named_with_its_commit_and_its_branch(site: Path) -> None:
    """Whoever looks for a change finds it by either."""
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "<td><code>4055911</code></td><td>faster-list</td>" in text


def test_a_change_that_passed_is_told_as_accepted(tmp_path: Path) -> None:
    """The same step in a run that passed is one that somebody meant; in one that failed it is not."""
    told = []
    for outcome in (Outcome.PASS, Outcome.FAIL):
        history = History(tmp_path / f"{outcome}.sqlite3")
        history.append(replace(healthy(), run=FIRST))
        history.append(replace(n_plus_one(), run=LAST, outcome=outcome))
        write_site(history, runs=tmp_path / "runs", folder=tmp_path / outcome)
        told.append("accepted: that run passed" in (tmp_path / outcome / "index.html").read_text(encoding="utf-8"))
    assert told == [True, False]
