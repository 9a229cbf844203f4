"""The results of the scoreboard: kept a line a cell, and never guessed at."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.results import Result, append_result, read_results, write_results

RESULT = Result(
    peer="zeal",
    version="1",
    setup_digest="s",
    change="lost-select-related",
    kind="regression",
    change_digest="c",
    outcome="failed",
    reason="own",
    signal="N+1",
    seconds=4.5,
)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    """A result survives its file."""
    append_result(tmp_path / "results.jsonl", RESULT)
    assert read_results(tmp_path / "results.jsonl") == {RESULT.key: RESULT}


def test_the_newest_result_of_a_cell_counts(tmp_path: Path) -> None:
    """A cell that was measured again has its later result, and one line once the file is written in order."""
    path = tmp_path / "results.jsonl"
    later = replace(RESULT, outcome="quiet", reason="", signal="")
    append_result(path, RESULT)
    append_result(path, later)
    write_results(path, read_results(path).values())
    assert read_results(path) == {RESULT.key: later}
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_no_file_holds_no_result(tmp_path: Path) -> None:
    """Before the first run every cell is open."""
    assert read_results(tmp_path / "results.jsonl") == {}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"peer": ', "is not JSON"),
        ("[]", "is no result with the keys"),
        ('{"peer": "zeal"}', "is no result with the keys"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    """A line that is no result stops the scoreboard with one line: file, line number, what is wrong, what to do."""
    path = tmp_path / "results.jsonl"
    append_result(path, RESULT)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ScoreboardError) as raised:
        read_results(path)
    assert str(raised.value).startswith(f"{path}:2: {complaint}")
    assert "remove the line" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_unknown_outcome_is_refused(tmp_path: Path) -> None:
    """A cell is quiet, failed or an error: another word would be rendered as something that nobody measured."""
    path = tmp_path / "results.jsonl"
    append_result(path, RESULT)
    path.write_text(path.read_text(encoding="utf-8").replace('"failed"', '"caught"'), encoding="utf-8")
    with pytest.raises(ScoreboardError, match="no outcome is called 'caught'"):
        read_results(path)
