"""A comparison with an earlier run: refused where the two differ in what matters, and never a verdict."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.errors import LoadTestError
from reglab.load.figures.baseline_diff import comparison, earlier_record, ratios
from reglab.metrics import METRICS
from reglab.report.environment import present_environment
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.record_files import recording
from reglab.report.records import Header, Measurement, Remark, RemarkKind

CONTEXT = {"profile": "smoke", "profile_digest": "abc", "module_digest": "d", "workers": "1", "target": "own service"}
P95: dict[str, Any] = {"scenario": "smoke", "endpoint": "", "metric": METRICS["latency_ms_p95"]}


def header(**context: str) -> Header:
    """Return a header."""
    return Header(
        instrument="load",
        run="loadabc",
        subject="service",
        revision="0123456789abcdef",
        environment=present_environment(),
        started_at="2026-01-31T12:00:00+00:00",
        context=CONTEXT | context,
    )


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Return the folder of a run whose p95 is 100 ms."""
    with recording(tmp_path / "load.jsonl", header()) as record:
        record.write(Measurement(**P95, values=(100.0,)))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "value"), [("profile", "stress"), ("profile_digest", "abd"), ("workers", "2"), ("target", "http://x")]
)
def test_runs_that_differ_in_what_matters_are_not_compared(earlier: Path, name: str, value: str) -> None:
    """Another profile, a changed one, other workers, another target: refused, and said which."""
    with pytest.raises(LoadTestError, match=f"{name} was '{CONTEXT[name]}' and is '{value}'"):
        earlier_record(earlier, header=header(**{name: value}))


def test_a_run_that_did_not_complete_is_not_compared(tmp_path: Path) -> None:
    """An interrupted run measured another time of the day, so to say."""
    with pytest.raises(KeyboardInterrupt), recording(tmp_path / "load.jsonl", header()):
        raise KeyboardInterrupt
    with pytest.raises(LoadTestError, match="did not complete"):
        earlier_record(tmp_path, header=header())


@pytest.mark.parametrize("kind", ["unsafe", "inconclusive", "fail"])
def test_a_run_that_proves_nothing_is_not_compared(tmp_path: Path, kind: str) -> None:
    """One that met another server, lost a worker or was given up early measured something else than the service."""
    with recording(tmp_path / "load.jsonl", header()) as record:
        record.write(Measurement(**P95, values=(100.0,)))
        record.write(Remark(kind=RemarkKind(kind), text="a worker vanished"))
    with pytest.raises(LoadTestError, match=r"proves nothing \(a worker vanished\)"):
        earlier_record(tmp_path, header=header())


def test_a_missing_run_is_one_clear_line(tmp_path: Path) -> None:
    """A folder without a record names the file that is missing."""
    with pytest.raises(LoadTestError, match=r"load\.jsonl: the record is missing"):
        earlier_record(tmp_path, header=header())


def test_a_noticeable_difference_is_noted_and_decides_nothing(earlier: Path) -> None:
    """From 100 to 150 ms is a note with both figures; from 100 to 110 is none; neither is a failure."""
    record = earlier_record(earlier, header=header())
    for value, count in ((150.0, 2), (110.0, 1)):
        remarks = list(comparison(record, [Measurement(**P95, values=(value,))]))
        assert len(remarks) == count
        assert {remark.kind.value for remark in remarks} == {"note"}
    assert (
        "150 ms, was 100 in run loadabc (+50%)"
        in next(iter(comparison(record, [Measurement(**P95, values=(150.0,))]))).text
    )


def test_a_part_is_compared_with_itself_and_named_once(tmp_path: Path) -> None:
    """Database time by header and by the top statements are two figures of one place: neither stands for the other."""
    place: dict[str, Any] = {"scenario": "smoke", "metric": METRICS["server_database_ms_per_request"]}
    with recording(tmp_path / "load.jsonl", header()) as record:
        record.write(Measurement(**place, values=(10.0,)))
        record.write(Measurement(**place, part="top statements", values=(1.0,)))
    now = [Measurement(**place, values=(10.0,)), Measurement(**place, part="top statements", values=(2.0,))]
    changed, summed = comparison(earlier_record(tmp_path, header=header()), now)
    assert changed.text.startswith("the whole server_database_ms_per_request of top statements: 2 ms, was 1 in run")
    assert "smoke" not in changed.text
    assert changed.scenario == "smoke"
    assert summed.text.endswith("are judged")


@pytest.mark.parametrize(
    ("metric", "before", "now", "outcome"),
    [
        ("server_queries_per_request", 3.0, 3.0, Outcome.PASS),
        ("server_queries_per_request", 3.0, 2.0, Outcome.PASS),
        ("server_queries_per_request", 3.0, 3.5, Outcome.FAIL),
        ("latency_ms_p95", 100.0, 190.0, Outcome.PASS),
        ("latency_ms_p95", 100.0, 210.0, Outcome.INCONCLUSIVE),
    ],
)
def test_the_difference_is_judged_by_rules(
    tmp_path: Path, metric: str, before: float, now: float, outcome: Outcome
) -> None:
    """More queries a request fail; twice the latency asks for a proof; fewer queries, and less than twice, pass."""
    place: dict[str, Any] = {"scenario": "summary", "endpoint": "GET /summary/", "metric": METRICS[metric]}
    with recording(tmp_path / "load.jsonl", header()) as record:
        record.write(Measurement(**place, values=(before,)))
    found = list(ratios(earlier_record(tmp_path, header=header()), [Measurement(**place, values=(now,))]))
    (rule,) = [each for each in read_policy().rule if found[0].metric.name in each.metrics]
    assert [each.outcome for each in rule.findings([replace(line, instrument="load") for line in found])] == [outcome]
