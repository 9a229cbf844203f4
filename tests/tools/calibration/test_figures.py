"""From raw trials to figures."""

from pathlib import Path
from typing import Any

import pytest

from reglab.errors import AuditError
from tools.calibration.figures import BEGIN, END, figures, interval, write_figures
from tools.calibration.results import Scenario, Trial, append, read_trials


def trial(kind: str, outcome: str, *, candidate_us: float = 100.0, baseline_us: float = 100.0, **more: Any) -> Trial:
    scenario = Scenario(
        medians_us=dict.fromkeys(("baseline", "candidate", "sentinel"), (100, 101)),
        means_us={"baseline": baseline_us, "candidate": candidate_us, "sentinel": 100.0},
        conclusion="not slower",
        is_sentinel_slower=False,
        is_mann_whitney_slower=False,
    )
    return Trial(
        **{
            "kind": kind,
            "outcome": outcome,
            "pairs": 12,
            "seconds": 70.0,
            "batch": "b",
            "neighbours_cores": 0.02,
            "placement": "core 1",
            "planted": "",
            "revision": "abc",
            "python": "3.11",
            "at": "2026-01-01T00:00:00+00:00",
            "scenarios": {"list": scenario},
            **more,
        }
    )


def row(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| {beginning} "))


def test_no_failure_in_n_trials_has_the_upper_limit_that_the_rule_of_clopper_and_pearson_gives() -> None:
    """For 0 of 10 the limit p solves (1 - p)^10 = 0.025: p = 1 - 0.025^(1/10) = 0.3085."""
    low, high = interval(0, 10)
    assert (low, round(high, 4)) == (0.0, 0.3085)


def test_each_kind_is_counted_by_outcome_with_its_interval() -> None:
    """Of two trials one failed: 1/2, whose exact interval is 1.3 to 98.7 %, for 1 - 0.975^(1/2) = 1.26 %."""
    text = figures([trial("same-quiet", "pass"), trial("same-quiet", "fail")])
    assert row(text, "same-quiet").startswith("| same-quiet | 2 of 100 | 1/2, 1.3–98.7 % | 1/2")
    assert "not run" in row(text, "same-noisy")


def test_a_quiet_trial_on_a_busy_machine_is_said() -> None:
    """What was called quiet and was not is written beside the figures."""
    text = figures([trial("same-quiet", "pass", neighbours_cores=1.5), trial("same-quiet", "pass")])
    assert "Of the 2 trials called quiet, 1 were not" in text


def test_a_stored_baseline_is_that_of_the_trial_before() -> None:
    """100 us yesterday against 120 us today is an alarm, though today's own baseline is 120 us too."""
    trials = [trial("same-quiet", "pass"), trial("same-quiet", "pass", candidate_us=120, baseline_us=120)]
    text = figures(trials)
    assert row(text, "a stored baseline,").split(" | ")[1].startswith("1/1")
    assert row(text, "two means,").split(" | ")[1].startswith("0/2")


def test_raw_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    """A trial that is appended comes back equal: a calibration resumes from its file."""
    path = tmp_path / "results.jsonl"
    append(trial("same-quiet", "pass"), path)
    append(trial("same-noisy", "fail"), path)
    assert read_trials(path) == [trial("same-quiet", "pass"), trial("same-noisy", "fail")]


def test_a_line_that_is_no_trial_is_told_with_its_place(tmp_path: Path) -> None:
    """A file of another version is one sentence with its line, not a traceback after hours."""
    path = tmp_path / "results.jsonl"
    append(trial("same-quiet", "pass"), path)
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"kind":"same-quiet"}\n')
    with pytest.raises(AuditError, match=r"results\.jsonl:2: no trial of this version"):
        read_trials(path)


def test_figures_replace_the_ones_between_the_marks(tmp_path: Path) -> None:
    """What surrounds the marks stays, and the figures of before go."""
    document = tmp_path / "method.md"
    document.write_text(f"Before\n{BEGIN}\nstale\n{END}\nAfter\n", encoding="utf-8")
    write_figures([trial("same-quiet", "pass")], document=document)
    text = document.read_text(encoding="utf-8")
    assert text.startswith("Before\n")
    assert text.endswith("\nAfter\n")
    assert "stale" not in text


def test_a_document_without_marks_is_refused(tmp_path: Path) -> None:
    """Figures are not written just anywhere."""
    document = tmp_path / "method.md"
    document.write_text("Nothing\n", encoding="utf-8")
    with pytest.raises(AuditError, match="the marks"):
        write_figures([], document=document)


def test_the_committed_figures_are_those_of_the_committed_results() -> None:
    """docs/method.md shows what tools/calibration/results.jsonl holds, and nothing else."""
    document = Path(__file__).resolve().parents[3] / "docs" / "method.md"
    shown = document.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown.strip() == figures(read_trials()).strip()


def test_the_readme_shows_the_committed_results() -> None:
    """What the README says of false alarms and of planted slowdowns follows from tools/calibration/results.jsonl."""

    def failed(*kinds: str) -> str:
        outcomes = [trial.outcome for trial in read_trials() if trial.kind in kinds]
        return f"{outcomes.count('fail')} of {len(outcomes)}"

    same, five, ten = (
        failed("same-quiet", "same-noisy"),
        failed("5-percent-quiet"),
        failed("10-percent-quiet", "10-percent-noisy"),
    )
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
    assert f"{same} comparisons of equal code failed, {five} slowdowns of 5 % and {ten} of 10 % did" in readme
