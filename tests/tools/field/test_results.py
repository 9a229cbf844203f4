"""Results of a field test are kept line by line, and the page shows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.field.errors import FieldError
from tools.field.page import write_page
from tools.field.projects import read_projects
from tools.field.results import FILE, Result, append_result, of_digest, read_results

RESULT = Result(
    project="helpdesk",
    version="2.6.1",
    step="init",
    digest="a",
    exit_code=0,
    seconds=60.0,
    cpu_seconds=50.0,
    peak_megabytes=200.0,
    endpoints=200,
    measured=150,
    waived_by_reason={"302 to … also as superuser": 50},
    last_words="PASS",
)
PLANTED = replace(
    RESULT, step="planted", exit_code=1, planted_at="kb.html:25", planted_rank=1, findings=("growth of kb.html:25",)
)


def test_the_newest_result_of_a_step_counts(tmp_path: Path) -> None:
    """A step that was run again replaces its earlier result, and another digest holds no longer."""
    path = tmp_path / FILE
    newer = replace(RESULT, digest="b", findings=("one",))
    for result in (RESULT, PLANTED, newer):
        append_result(path, result)
    found = read_results(path)
    assert found == (newer, PLANTED)
    assert of_digest(found, "b") == {"init": newer}


def test_a_line_that_is_no_result_is_named(tmp_path: Path) -> None:
    """A broken line is refused with its number and what to do."""
    path = tmp_path / FILE
    append_result(path, RESULT)
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(FieldError, match=r"results\.jsonl:2: is no result"):
        read_results(path)


def test_the_page_shows_shares_codes_and_the_planted_finding(tmp_path: Path) -> None:
    """A project that was run has a row and a chapter; the others are said not to have run."""
    for result in (RESULT, PLANTED):
        append_result(tmp_path / "helpdesk" / FILE, result)
    page = tmp_path / "field.md"
    write_page(read_projects(), page=page, state=tmp_path)
    text = page.read_text()
    # 150 of 200.
    assert "| 200 | 150 (75%) | exit 0 | – – – | exit 1, finding 1 | 60 | 200 MB |" in text
    assert "- 50 × 302 to … also as superuser" in text
    assert "The planted N+1 is at `kb.html:25`" in text
    assert text.count("not run") == len(read_projects()) - 1
