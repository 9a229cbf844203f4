"""The search for capacity: it closes in on the largest rate that keeps the SLOs, and does not guess."""

from pathlib import Path

import pytest

from loadtests.operations import LOAD
from reglab.config.profile import Profile, Search
from reglab.load.capacity import Bracket, search_capacity
from reglab.load.generator.arrivals import planned_arrivals, planned_counts
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.recorder import Answer, Recorder
from reglab.load.load_run import LoadRun
from reglab.load.profiles import find_profile
from reglab.load.server.server_monitor import ProcessSample, ServerSample
from reglab.load.writes.preparation import ROWS_FILE
from reglab.report.policy import read_policy
from reglab.report.records import Measurement, Remark


def rates_tried(capacity_rps: float, search: Search) -> tuple[Bracket, list[float]]:
    """Search a service whose capacity is known."""
    bracket, rates = Bracket(search=search), []
    while (rate := bracket.next_rate()) is not None:
        rates.append(rate)
        bracket.learn(rate, has_passed=rate <= capacity_rps)
    return bracket, rates


@pytest.mark.parametrize("capacity_rps", [3.0, 41.0, 100.0, 777.0])
def test_the_interval_holds_the_capacity_and_is_narrow(capacity_rps: float) -> None:
    """Whether the first rate passes or fails, the interval that is found holds the truth and is 15 % wide at most."""
    bracket, _ = rates_tried(capacity_rps, Search(start_rps=40, precision=0.15, probes_max=20))
    assert bracket.passed is not None
    assert bracket.failed is not None
    assert bracket.passed <= capacity_rps < bracket.failed <= bracket.passed * 1.15


def test_the_search_doubles_and_then_halves_the_gap() -> None:
    """For a capacity of 100 from 40: 40 and 80 pass, 160 fails, then the geometric middle of 80 and 160, √12800."""
    _, rates = rates_tried(100.0, Search(start_rps=40, precision=0.3))
    assert rates[:4] == [40, 80, 160, pytest.approx(12800**0.5)]


def load_pass(profile: Profile, *, slow_above_rps: float, sent_late: bool = False) -> LoadRun:
    """Return a pass over a service that takes 50 ms up to a rate, and 900 ms above it."""
    recorder = Recorder(timeout_s=10)
    seconds = 0.05 if profile.peak_rps <= slow_above_rps else 0.9
    for arrival in planned_arrivals(profile):
        recorder.send(arrival, late_s=2.0 if sent_late else 0.0)
        recorder.finish(arrival, Answer(status=200, seconds=seconds))
    state = GeneratorState(run="r", workers_expected=1)
    report = {
        "index": 0,
        "started_at": 1000.0,
        "finished": True,
        "error": "",
        "error_kind": "",
        "cpu_percent": 5.0,
        "cpu_seconds": 1.0,
        "revisions": [],
    }
    state.take_report("w", report | recorder.report())
    busy = ProcessSample(cpu_percent=20.0, memory_bytes=1)
    sample = ServerSample(at=1010.0, service=busy, database=busy, connections=5, is_ready=True)
    return LoadRun(
        profile=profile,
        load=LOAD,
        policy=read_policy(),
        planned=planned_counts(profile, LOAD),
        state=state,
        reasons=(),
        samples=[sample],
        connections_limit=100,
        statements=(),
        served=None,
    )


def searched(tmp_path: Path, *, slow_above_rps: float, least: float = 0.0, late_above_rps: float = 1e9) -> list[object]:
    """Search the breakpoint profile over a service with a known capacity and return the record's lines."""
    (tmp_path / ROWS_FILE).write_text("{}", encoding="utf-8")
    text = find_profile("breakpoint")
    assert text.search is not None
    search = Search(start_rps=40, precision=0.3, probes_max=8, capacity_rps_min=least)
    profile = Profile(**{name: getattr(text, name) for name in Profile.__dataclass_fields__} | {"search": search})

    def send(scaled: Profile, folder: Path) -> LoadRun:
        assert folder.is_dir()
        return load_pass(scaled, slow_above_rps=slow_above_rps, sent_late=scaled.peak_rps > late_above_rps)

    _best, lines = search_capacity(profile, send=send, folder=tmp_path, policy=read_policy())
    return list(lines)


def capacity_of(lines: list[object]) -> float:
    """Return the capacity that was recorded."""
    return next(line.values[0] for line in lines if isinstance(line, Measurement))


def kinds_of(lines: list[object]) -> set[str]:
    """Return the kinds of the remarks."""
    return {line.kind.value for line in lines if isinstance(line, Remark)}


def test_the_policys_slos_decide_each_probe(tmp_path: Path) -> None:
    """A p95 of 900 ms above 100 arrivals/s breaks the SLO of 500 ms: the capacity lies between 77 and 100."""
    lines = searched(tmp_path, slow_above_rps=100)
    assert 100 / 1.3 <= capacity_of(lines) <= 100
    assert kinds_of(lines) == {"note"}


def test_a_capacity_proven_to_be_too_small_fails(tmp_path: Path) -> None:
    """Where the whole interval lies below what the profile asks for, the run fails; where it may reach it, not."""
    assert "fail" in kinds_of(searched(tmp_path, slow_above_rps=100, least=200))


def test_a_sufficient_capacity_does_not_fail(tmp_path: Path) -> None:
    """A capacity above what the profile asks for is no failure."""
    assert "fail" not in kinds_of(searched(tmp_path, slow_above_rps=100, least=60))


def test_a_generator_that_cannot_keep_up_ends_the_search_without_a_verdict(tmp_path: Path) -> None:
    """Where arrivals are sent late, it is the generator's limit that was found: the capacity is inconclusive."""
    assert "inconclusive" in kinds_of(searched(tmp_path, slow_above_rps=1e9, late_above_rps=100))


def test_a_service_that_never_breaks_is_inconclusive(tmp_path: Path) -> None:
    """Without a failing rate there is no upper end: what was found is a lower bound and said to be one."""
    assert "inconclusive" in kinds_of(searched(tmp_path, slow_above_rps=1e9, late_above_rps=1e9))
