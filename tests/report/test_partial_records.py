"""Records of a stage that was asked for a part: alone they hold, in a whole run they are a hole."""

from pathlib import Path

import pytest

from reglab.errors import RunError
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from tests.report.making import RUN, healthy_work, queries, small_policy, write_healthy_run, written


def test_a_part_that_was_asked_for_is_held_to_what_it_holds(tmp_path: Path) -> None:
    """Of a stage run with --only, judged alone, a rule on what was not chosen is a note; a breach in it still fails."""
    for value, outcome in ((3, Outcome.PASS), (4, Outcome.FAIL)):
        folder = tmp_path / str(value) / RUN
        with written(folder, "work", chosen="orders") as writer:
            writer.write(queries("orders", "orders=5", value, accepted=3))
            writer.write(queries("orders", "orders=50", value, accepted=3))
        verdict = judge(folder, small_policy(), only=("work",))
        assert verdict.outcome is outcome
        notes = [finding for finding in verdict.findings if finding.outcome is Outcome.NOTE]
        assert [(note.rule, note.found) for note in notes] == [
            ("writes-inside-contract", "none: only 'orders' was asked for"),
            ("record-whole", "only what 'orders' chose"),
        ]


def test_a_part_is_not_the_whole(tmp_path: Path) -> None:
    """A run whose work audit was asked for some scenarios alone is inconclusive, however healthy they are."""
    folder = write_healthy_run(tmp_path / RUN)
    (folder / "work.jsonl").unlink()
    with written(folder, "work", chosen="orders") as writer:
        for line in healthy_work():
            writer.write(line)
    verdict = judge(folder, small_policy())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.findings[0].rule == "record-whole"
    assert "without --only" in verdict.findings[0].next_step


def test_what_was_measured_is_never_written_over(tmp_path: Path) -> None:
    """A second record of one instrument in one run: a sentence with the file, and the first one as it was."""
    folder = tmp_path / RUN
    with written(folder, "work") as writer:
        writer.write(queries("orders", "orders=5", 3, accepted=3))
    before = (folder / "work.jsonl").read_bytes()
    with pytest.raises(RunError, match=r"work\.jsonl: this run has measured that already"), written(folder, "work"):
        pass
    assert (folder / "work.jsonl").read_bytes() == before
