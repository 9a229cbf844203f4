"""Results of a field test are kept line by line, and the page shows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.field.errors import FieldError
from tools.field.page import write_page
from tools.field.places import PAGE
from tools.field.projects import read_projects
from tools.field.results import Result, keep_result, of_digest, read_results, results_path
from tools.field.steps import FieldTest

RESULT = Result(
    project="helpdesk",
    version="2.6.1",
    step="init",
    digest="a",
    exit_code=0,
    seconds=60.0,
    cpu_seconds=50.0,
    peak_megabytes=200.0,
    date="2026-11-26",
    gets=(150, 200),
    writes=(3, 7),
    waived_by_reason={"302 to … also as superuser": 50},
    known=("growth: SELECT <x> at kb.html:3",),
    last_words="PASS",
)
PLANTED = replace(
    RESULT, step="planted", exit_code=1, planted_at="kb.html:25", planted_rank=1, findings=("growth of kb.html:25",)
)


def test_the_newest_result_of_a_step_counts(tmp_path: Path) -> None:
    """A step that was run again replaces its earlier result, and another digest holds no longer."""
    path = results_path(tmp_path, "helpdesk")
    newer = replace(RESULT, digest="b", findings=("one",))
    for result in (RESULT, PLANTED, newer):
        keep_result(path, result)
    found = read_results(path)
    assert found == (newer, PLANTED)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert of_digest(found, "b") == {"init": newer}


def test_a_line_that_is_no_result_is_named(tmp_path: Path) -> None:
    """A broken line is refused with its number and what to do."""
    path = results_path(tmp_path, "helpdesk")
    keep_result(path, RESULT)
    path.write_text(path.read_text(encoding="utf-8") + "{}\n", encoding="utf-8")
    with pytest.raises(FieldError, match=r"helpdesk\.jsonl:2: is no result"):
        read_results(path)


def test_the_page_shows_shares_codes_and_the_planted_finding(tmp_path: Path) -> None:
    """A project that was run has a row and a chapter; the others are said not to have run."""
    for result in (PLANTED, RESULT):
        keep_result(results_path(tmp_path, "helpdesk"), result)
    judged = '[[judged]]\nfinding = "growth at kb.html:3"\nis_true = false\nwhy = "It is one statement."\n'
    (tmp_path / "helpdesk.judged.toml").write_text(judged, encoding="utf-8")
    page = tmp_path / "field.md"
    write_page(read_projects(), page=page, records=tmp_path)
    text = page.read_text(encoding="utf-8")
    row = "| 150 of 200 (75 %) | 3 of 7 (42 %) | exit 0 | – – – | exit 1, finding 1 | 50 | 200 MB |"
    assert row in text
    assert "- 50 × 302 to … also as superuser" in text
    assert "- growth: SELECT &lt;x> at kb.html:3" in text
    assert "1, of which 0 are true" in text
    assert "- FALSE: growth at kb.html:3. It is one statement." in text
    assert "The planted N+1 is at `kb.html:25`" in text
    # In the order in which the steps are done.
    assert text.index("| init | 2026-11-26 |") < text.index("| planted | 2026-11-26 |")
    assert text.count("not run |") == len(read_projects()) - 1


def test_the_page_is_what_the_records_give(tmp_path: Path) -> None:
    """docs/field.md is written by the tool: nothing that was not run stands there as a result."""
    page = tmp_path / "field.md"
    write_page(read_projects(), page=page)
    assert PAGE.read_text(encoding="utf-8") == page.read_text(encoding="utf-8")


def test_a_step_alone_needs_the_draft_that_it_audits(tmp_path: Path) -> None:
    """`--step` goes on from a draft that is there; without one it says what to run first, and installs nothing."""
    test = FieldTest(project=read_projects()[0], say=print, state=tmp_path / "state", records=tmp_path / "records")
    with pytest.raises(FieldError, match="run it without --step first"):
        test.run(only=("audit 1",))
    assert not (tmp_path / "state").exists()
