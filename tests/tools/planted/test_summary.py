"""The summary of a run: what it counts, and how often."""

from dataclasses import replace
from pathlib import Path

from tests.tools.planted.test_runner import (
    PASSED,
    Looks,
    a_neutral_change,
    a_regression,
    a_runner,
    seen_as_expected,
)
from tools.planted.results import Entry
from tools.planted.sightings import Sighting
from tools.planted.summary import rendered


def test_the_causes_of_one_change_are_counted(tmp_path: Path) -> None:
    """One cause is one finding: the sentence says how many a reader gets for one planted change."""
    counts = {"lost-select-related": 1, "lost-prefetch": 3}

    def seen(entry: Entry) -> Sighting:
        return replace(seen_as_expected(entry), causes=counts[entry.name])

    entries: list[Entry] = [a_regression(name) for name in counts]
    text = rendered(a_runner(tmp_path, Looks(seen)).run(entries))
    assert text.endswith("; told as 2 causes in the median, 3 at most")


def test_what_was_not_run_is_neither_caught_nor_missed(tmp_path: Path) -> None:
    """It is counted apart, and the run is no success."""

    def seen(entry: Entry) -> Sighting:
        return Sighting(complaint="git is not there") if entry.name == "lost-prefetch" else seen_as_expected(entry)

    done = a_runner(tmp_path, Looks(seen)).run([a_regression("lost-select-related"), a_regression()])
    assert rendered(done).endswith(
        "FAIL: 1 of 1 regressions caught with their cause (100.0%), 1 at the right endpoint and counter, "
        "0 of 0 neutral changes failed, 1 not run"
    )


def test_the_table_counts_by_category_and_names_what_is_wrong(tmp_path: Path) -> None:
    """One row a category, then each entry that is not good with what is wrong, then the sentence."""

    def seen(entry: Entry) -> Sighting:
        return PASSED if entry.name == "lost-prefetch" else seen_as_expected(entry)

    entries: list[Entry] = [a_regression("lost-select-related"), a_regression(), a_neutral_change()]
    text = rendered(a_runner(tmp_path, Looks(seen)).run(entries))
    assert [line.split()[:6] for line in text.splitlines() if line.startswith("queries")] == [
        ["queries", "2", "1", "0", "1", "0"]
    ]
    assert "MISSED queries · lost-prefetch" in text
    assert text.endswith(
        "FAIL: 1 of 2 regressions caught with their cause (50.0%), 1 at the right endpoint and counter, "
        "0 of 1 neutral changes failed"
    )
