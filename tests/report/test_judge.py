"""From a run folder to the verdict: no damage to a record ever passes."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from reglab.errors import RunError
from reglab.metrics import METRICS
from reglab.report.findings import Finding
from reglab.report.judge import judge, worst_first
from reglab.report.outcomes import EXIT_COULD_NOT_RUN, Outcome
from reglab.report.policy import Policy, read_policy
from reglab.report.records import Measurement, Remark, RemarkKind
from reglab.report.verdict import Verdict
from tests.report.damages import (
    cut_in_a_line,
    cut_the_footer,
    double_a_line,
    edit_a_value,
    empty,
    misspell_a_metric,
    raise_the_version,
    strip_the_digests,
    swap_two_lines,
)
from tests.report.making import RUN, healthy_load, healthy_work, queries, small_policy, write_healthy_run, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_healthy_run(tmp_path / RUN)


def judged(folder: Path, *only: str) -> Verdict:
    return judge(folder, small_policy(), only=only)


def interruptible_policy() -> Policy:
    """The small policy, with the rule on lost writes that the project's own has."""
    policy, own = small_policy(), read_policy()
    return replace(policy, rule=(*policy.rule, *(rule for rule in own.rule if rule.name == "nothing-lost")))


def undecided(verdict: Verdict) -> list[Finding]:
    """The findings by which a run is not whole: no pass, and no breach of the change either."""
    assert verdict.outcome is Outcome.INCONCLUSIVE
    return [finding for finding in verdict.findings if finding.outcome is Outcome.INCONCLUSIVE]


def failing(verdict: Verdict) -> list[Finding]:
    return [finding for finding in verdict.findings if finding.outcome is Outcome.FAIL]


def test_a_healthy_run_passes(folder: Path) -> None:
    """The run that the other tests damage passes whole."""
    assert judged(folder).outcome is Outcome.PASS


@pytest.mark.parametrize("name", ["work.jsonl", "benchmark.jsonl", "load.jsonl"])
def test_a_missing_record_is_inconclusive(folder: Path, name: str) -> None:
    """Whichever record is taken away, the run is no pass and names the file."""
    (folder / name).unlink()
    (finding,) = undecided(judged(folder))
    assert (finding.rule, finding.place) == ("record-missing", str(folder / name))


def write_until(folder: Path, error: BaseException, lines: Iterable[Measurement] = ()) -> None:
    """Write a load record, a healthy one unless told, whose stage then ends in `error`."""
    with written(folder, "load") as writer:
        for line in lines or healthy_load():
            writer.write(line)
        raise error


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (edit_a_value, 4),
        (cut_the_footer, 4),
        (cut_in_a_line, 5),
        (double_a_line, 3),
        (swap_two_lines, 2),
        (raise_the_version, 1),
        (misspell_a_metric, 4),
        (empty, 1),
        (strip_the_digests, 1),
    ],
)
def test_a_damaged_record_is_inconclusive_at_its_line(folder: Path, damage: Callable[[str], str], line: int) -> None:
    """A record that is not as its stage wrote it decides nothing, and is named with the line."""
    path = folder / "load.jsonl"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    (finding,) = undecided(judged(folder))
    assert (finding.rule, finding.place) == ("record-damaged", f"{path}:{line}")


def test_bytes_that_are_no_text_are_named_with_their_line(folder: Path) -> None:
    """A record with bytes that are not UTF-8 decides nothing, and is named with the line."""
    path = folder / "load.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"requests"', b'"req\xffests"'))
    (finding,) = undecided(judged(folder))
    assert finding.place == f"{path}:4"


def test_a_version_that_is_not_ours_is_named(folder: Path) -> None:
    """A record of another schema version says which one it has and which one is read."""
    path = folder / "load.jsonl"
    path.write_text(raise_the_version(path.read_text(encoding="utf-8")), encoding="utf-8")
    (finding,) = undecided(judged(folder))
    assert finding.found == "the record has schema version 2; this judge reads version 1"


def test_a_copy_of_a_record_beside_it_is_inconclusive(folder: Path) -> None:
    """A second record of one instrument leaves open which was judged: inconclusive."""
    shutil.copy(folder / "load.jsonl", folder / "load-2.jsonl")
    (finding,) = undecided(judged(folder))
    assert (finding.rule, finding.place) == ("record-unknown", f"{folder / 'load-2.jsonl'}:1")


def test_a_record_under_another_stages_name_is_inconclusive(folder: Path) -> None:
    """A record of one instrument does not answer for another."""
    shutil.copy(folder / "work.jsonl", folder / "load.jsonl")
    assert "record-of-another-instrument" in {finding.rule for finding in undecided(judged(folder))}


def test_a_record_of_another_run_is_inconclusive(folder: Path) -> None:
    """Yesterday's record put into today's folder is no pass."""
    (folder / "load.jsonl").unlink()
    with written(folder, "load", run="20260130T120000Z-000000") as writer:
        for line in healthy_load():
            writer.write(line)
    assert "records-of-one-run" in {finding.rule for finding in undecided(judged(folder))}


def test_a_record_moved_into_another_runs_folder_is_inconclusive(folder: Path, tmp_path: Path) -> None:
    """A record alone in a folder that is named for another run is no pass."""
    other = tmp_path / "20260201T120000Z-abcdef"
    other.mkdir()
    shutil.copy(folder / "load.jsonl", other)
    assert "records-of-one-run" in {finding.rule for finding in undecided(judged(other, "load"))}


def test_an_interrupted_stage_is_inconclusive(folder: Path) -> None:
    """Ctrl-C in a stage keeps what it measured and is never a pass."""
    (folder / "load.jsonl").unlink()
    with pytest.raises(KeyboardInterrupt):
        write_until(folder, KeyboardInterrupt())
    assert judged(folder).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("metric", "value", "outcome"),
    [
        ("requests", 12, Outcome.INCONCLUSIVE),
        ("latency_ms_p95", 504.9, Outcome.FAIL),
        ("server_error_rate", 0.5, Outcome.FAIL),
        ("lost_writes", 1, Outcome.FAIL),
        ("lost_writes", 0, Outcome.INCONCLUSIVE),
    ],
)
def test_an_interrupted_load_fails_only_for_what_is_proven(
    folder: Path, metric: str, value: float, outcome: Outcome
) -> None:
    """Too few requests are explained by the interruption; a lost write or a broken upper bound is not."""
    (folder / "load.jsonl").unlink()
    measured = {line.metric.name: line for line in healthy_load()}
    measured[metric] = Measurement(scenario="smoke", metric=METRICS[metric], values=(value,))
    with pytest.raises(KeyboardInterrupt):
        write_until(folder, KeyboardInterrupt(), measured.values())
    assert judge(folder, interruptible_policy()).outcome is outcome


def test_a_crashed_stage_is_inconclusive_with_its_reason(folder: Path) -> None:
    """A stage that crashed says nothing of the change: inconclusive, with what happened."""
    (folder / "load.jsonl").unlink()
    with pytest.raises(RuntimeError):
        write_until(folder, RuntimeError("the service did not start"))
    (finding,) = undecided(judged(folder))
    assert finding.found == "could not be measured: RuntimeError: the service did not start"


def test_a_record_without_measurements_fails(folder: Path) -> None:
    """A stage that completed and measured nothing fails every rule that is about it."""
    (folder / "load.jsonl").unlink()
    with written(folder, "load"):
        pass
    rules = {finding.rule for finding in failing(judged(folder))}
    assert rules == {"slo-errors", "slo-latency", "load-happened"}


def test_a_measurement_that_is_recorded_twice_is_inconclusive(folder: Path) -> None:
    """One sample in two lines is no pass: the stage counted twice."""
    (folder / "work.jsonl").unlink()
    with written(folder, "work") as writer:
        for line in [*healthy_work(), healthy_work()[0]]:
            writer.write(line)
    assert "measurement-repeated" in {finding.rule for finding in undecided(judged(folder))}


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (RemarkKind.NOTE, Outcome.PASS),
        (RemarkKind.WARNING, Outcome.PASS),
        (RemarkKind.INCONCLUSIVE, Outcome.INCONCLUSIVE),
        (RemarkKind.FAIL, Outcome.FAIL),
        (RemarkKind.UNSAFE, Outcome.INCONCLUSIVE),
    ],
)
def test_remarks_decide_as_they_are_declared(folder: Path, kind: RemarkKind, outcome: Outcome) -> None:
    """A note and a warning are shown; the other remarks decide, and an unsafe target is no word on the change."""
    (folder / "load.jsonl").unlink()
    with written(folder, "load") as writer:
        for line in healthy_load():
            writer.write(line)
        writer.write(Remark(kind=kind, text="something was seen"))
    verdict = judged(folder)
    assert (verdict.outcome, len(verdict.open_findings)) == (outcome, 1)


def test_an_unsafe_load_blames_nothing_and_is_no_pass(folder: Path) -> None:
    """A load whose target was another one exits 2, whatever broke in it; what another stage proves stays a 1."""
    (folder / "load.jsonl").unlink()
    with written(folder, "load") as writer:
        for line in healthy_load():
            writer.write(line)
        writer.write(Remark(kind=RemarkKind.FAIL, text="given up early: 100 % of the arrivals failed"))
        writer.write(Remark(kind=RemarkKind.UNSAFE, text="an answer had no proof"))
    verdict = judged(folder)
    assert (verdict.outcome, verdict.exit_code) == (Outcome.INCONCLUSIVE, EXIT_COULD_NOT_RUN)
    assert verdict.summary.startswith("UNSAFE: ")
    (folder / "work.jsonl").unlink()
    with written(folder, "work") as writer:
        writer.write(Remark(kind=RemarkKind.FAIL, text="the change is bad"))
    assert judged(folder).exit_code == 1


def test_one_instrument_can_be_judged_alone(tmp_path: Path) -> None:
    """With `only`, the records of the other instruments are not asked for, and the verdict says so."""
    with written(tmp_path / RUN, "work") as writer:
        for line in healthy_work():
            writer.write(line)
    verdict = judged(tmp_path / RUN, "work")
    assert (verdict.outcome, verdict.summary) == (Outcome.PASS, "PASS: 5 pass, work only")


def test_the_worst_finding_decides_and_comes_first(folder: Path) -> None:
    """A fail beside passes makes a fail, and it is the first that is told."""
    (folder / "work.jsonl").unlink()
    with written(folder, "work") as writer:
        for line in [
            queries("summary", "orders=5", 1, accepted=1),
            *healthy_work(),
            queries("summary", "orders=50", 52),
        ]:
            writer.write(line)
    verdict = judged(folder)
    assert (verdict.outcome, verdict.findings[0].outcome) == (Outcome.FAIL, Outcome.FAIL)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_records_cannot_be_judged(tmp_path: Path, name: str) -> None:
    """No folder, or a folder without any record, is a mistake and not a verdict."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunError):
        judged(tmp_path / name)


def test_of_one_rule_the_endpoint_is_said_before_the_whole() -> None:
    """Worst first; then the rules' order; and of two equal failures the one that says where."""
    where = [("slow", "", Outcome.FAIL), ("kept", "", Outcome.PASS), ("slow", "GET /a/", Outcome.FAIL)]
    findings = [
        Finding(rule=rule, endpoint=endpoint, outcome=out, expected="", found="") for rule, endpoint, out in where
    ]
    assert [(found.rule, found.endpoint) for found in worst_first(findings)] == [
        ("slow", "GET /a/"),
        ("slow", ""),
        ("kept", ""),
    ]
