"""The README's table is what the results say."""

from pathlib import Path

import pytest

from tools.scoreboard.changes import planted_changes
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.peers import read_peers
from tools.scoreboard.places import README, RESULTS
from tools.scoreboard.readme import BEGINNING, END, parts_around, readme_table, write_readme
from tools.scoreboard.results import read_results


def test_the_readme_shows_what_was_measured() -> None:
    """A result, a patch or a set-up that changed without the table would leave the README claiming something else."""
    found = readme_table(peers=read_peers(), changes=planted_changes(), results=read_results(RESULTS))
    readme = README.read_text(encoding="utf-8")
    if BEGINNING not in readme:
        # Nothing that was measured is of the present service: the README says so, and has no table.
        assert "Before 0.2.0" in readme
        assert "not run" in found
        return
    shown = readme.partition(BEGINNING)[2].partition(END)[0]
    assert shown.strip() == found, "run `python -m tools.scoreboard --render`, or measure what has changed"


def test_the_table_is_written_between_its_markers(tmp_path: Path) -> None:
    """What stands around the table stays."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGINNING}\nan earlier table\n{END}\nafter\n", encoding="utf-8")
    write_readme(peers=(), changes=(), results={}, path=path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGINNING}\n| tool |")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "earlier" not in text


def test_a_readme_without_markers_is_named() -> None:
    """The table has no other place to go to."""
    with pytest.raises(ScoreboardError, match="are missing"):
        parts_around("no markers here")
