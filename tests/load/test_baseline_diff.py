"""A comparison with an earlier run: refused where the two differ in what matters, and never a verdict."""

from pathlib import Path

import pytest

from reglab.errors import LoadTestError
from reglab.load.baseline_diff import comparison, earlier_record
from reglab.report.environment import present_environment
from reglab.report.record_files import recording
from reglab.report.records import Header, Measurement

CONTEXT = {"profile": "smoke", "profile_digest": "abc", "workers": "1", "target": "own service"}
P95 = {"scenario": "smoke", "endpoint": "", "metric": "latency_ms_p95"}


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
