"""Each reason not to believe a run, alone; and a sound run has none."""

from dataclasses import replace
from typing import Any

import pytest

from loadtests.operations import LOAD
from reglab.config.profile import Profile
from reglab.load.figures.measurements import load_measurements
from reglab.load.figures.slos import slo_findings
from reglab.load.figures.validity_checks import remarks_of
from reglab.load.generator.arrivals import planned_arrivals, planned_counts
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.recorder import Answer, Recorder
from reglab.load.load_run import LoadRun
from reglab.load.profiles import find_profile
from reglab.load.server.server_monitor import ServerSample
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.records import Remark, RemarkKind

PROFILE = find_profile("smoke")
OK = Answer(status=200, seconds=0.02)


def state_of(
    *, profile: Profile = PROFILE, keep: float = 1.0, late_s: float = 0.0, answers: bool = True, **report: Any
) -> GeneratorState:
    """Return the state of a generator that sent a share of the plan."""
    recorder = Recorder(timeout_s=10)
    arrivals = list(planned_arrivals(profile))
    for arrival in arrivals[: int(len(arrivals) * keep)]:
        recorder.send(arrival, late_s=late_s)
        if answers:
            recorder.finish(arrival, OK)
    state = GeneratorState(run="r", workers_expected=1, revisions=["a"])
    known = {"index": 0, "started_at": 1.0, "finished": True, "error": "", "error_kind": "inconclusive"}
    state.take_report(
        "w", known | {"cpu_percent": 10.0, "cpu_seconds": 1.0, "revisions": ["a"]} | recorder.report() | report
    )
    return state


def reasons(state: GeneratorState, *, profile: Profile = PROFILE) -> list[str]:
    """Return "kind: text" of each remark."""
    remarks = remarks_of(profile, state, planned=planned_counts(profile, LOAD))
    return [f"{remark.kind.value}: {remark.text}" for remark in remarks]


def test_a_sound_run_has_no_reason_against_it() -> None:
    """All sent in time, all answered, enough samples, an idle generator: nothing to remark."""
    assert not reasons(state_of())


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (state_of(keep=0.99), "the counts do not add up"),
        (state_of(keep=0.4), "too few samples"),
        (state_of(late_s=0.5), "arrivals were sent late: p99 500 ms"),
        (state_of(cpu_percent=97.0), "the load generator is saturated: worker 0 used 97 %"),
        (state_of(finished=False), "0 of 1 load-generating workers finished"),
        (state_of(answers=False), "no request was answered"),
        (state_of(error="the write ledger cannot be written: No space left"), "No space left"),
    ],
)
def test_each_reason_makes_a_run_inconclusive(state: GeneratorState, words: str) -> None:
    """Planned and sent, sent and answered, lateness, CPU, samples, workers: each alone keeps the run from a pass."""
    assert any(text.startswith("inconclusive: ") and words in text for text in reasons(state))


def test_a_changed_revision_makes_a_run_inconclusive() -> None:
    """Two revisions in one run: its figures belong to neither."""
    state = state_of()
    state.revisions.append("b")
    assert any("2 revisions" in text for text in reasons(state))


def test_an_unsafe_target_is_said_to_be_one() -> None:
    """What a worker refused to send to comes out as unsafe, not as a mere doubt."""
    assert any(
        text.startswith("unsafe: ") for text in reasons(state_of(error="it did not prove itself", error_kind="unsafe"))
    )


def test_the_limits_are_the_profiles() -> None:
    """A profile that allows a lateness of a second does not mind half of one."""
    patient = replace(PROFILE, dispatch_late_ms_p99_max=1000.0)
    assert not reasons(state_of(profile=patient, late_s=0.5), profile=patient)


def test_a_request_that_was_in_flight_when_its_worker_was_killed_is_no_failure() -> None:
    """The worker's last report has one sent and nothing of its end: no failure, and the counts leave the run open."""
    recorder = Recorder(timeout_s=10)
    for arrival in planned_arrivals(PROFILE):
        recorder.send(arrival, late_s=0.0)
        if arrival.index:
            recorder.finish(arrival, OK)
    state = state_of(finished=False, **recorder.report())
    found = {
        line.metric.name: line.values
        for line in load_measurements(PROFILE, LOAD, state, planned=planned_counts(PROFILE, LOAD))
        if line.scenario == PROFILE.name
    }
    assert (found["failure_rate"], found["server_error_rate"]) == ((0.0,), (0.0,))
    assert found["arrivals_unaccounted"] == (1,)
    assert any("sent" in text and text.startswith("inconclusive: ") for text in reasons(state))


def pass_of(*, foreign_percent: float, seconds: float, status: int = 200, cause: str = "") -> LoadRun:
    """Return a pass over a service of our own that took so long to answer, on a machine so busy with other work."""
    recorder = Recorder(timeout_s=10)
    for arrival in planned_arrivals(PROFILE):
        recorder.send(arrival, late_s=0.0)
        recorder.finish(arrival, Answer(status=status, seconds=seconds, cause=cause))
    known = {"index": 0, "started_at": 1000.0, "finished": True, "error": "", "error_kind": "inconclusive"}
    state = GeneratorState(run="r", workers_expected=1, revisions=["a"])
    state.take_report(
        "w", known | {"ledger": [], "cpu_percent": 10.0, "cpu_seconds": 1.0, "revisions": ["a"]} | recorder.report()
    )
    sample = ServerSample(
        at=1010.0, service=None, database=None, connections=None, is_ready=True, foreign_percent=foreign_percent
    )
    return LoadRun(
        profile=PROFILE,
        load=LOAD,
        policy=read_policy(),
        planned=planned_counts(PROFILE, LOAD),
        state=state,
        reasons=(),
        samples=[sample],
        connections_limit=0,
        statements=(),
        served=None,
    )


@pytest.mark.parametrize(
    ("foreign_percent", "seconds", "is_doubted", "outcome"),
    [
        (80.0, 0.9, True, Outcome.INCONCLUSIVE),
        (80.0, 0.1, False, Outcome.PASS),
        (2.0, 0.9, False, Outcome.FAIL),
    ],
)
def test_slowness_on_a_starved_machine_is_no_verdict(
    foreign_percent: float, seconds: float, *, is_doubted: bool, outcome: Outcome
) -> None:
    """Too slow beside other work is inconclusive at every endpoint, fast beside it is fast, too slow alone fails.

    So no badge of an endpoint is green over a broken SLO: what excuses it stands in the finding.
    """
    load = pass_of(foreign_percent=foreign_percent, seconds=seconds)
    texts = [line.text for line in load.lines() if isinstance(line, Remark)]
    assert any("other processes used 80 %" in text for text in texts) is is_doubted
    found = [one for one in slo_findings(load.measurements(), read_policy()) if one.metric == "latency_ms_p95"]
    assert {one.outcome for one in found} == {outcome}
    assert all(("while other processes used 80 %" in one.found) is is_doubted for one in found)


@pytest.mark.parametrize(
    ("foreign_percent", "status", "cause", "kind"),
    [
        (80.0, 0, "no answer in time", RemarkKind.INCONCLUSIVE),
        (2.0, 0, "no answer in time", RemarkKind.FAIL),
        (80.0, 500, "status 500", RemarkKind.FAIL),
        (80.0, 503, "status 503", RemarkKind.INCONCLUSIVE),
        (2.0, 503, "status 503", RemarkKind.FAIL),
    ],
)
def test_giving_up_on_a_starved_machine_is_no_verdict(
    foreign_percent: float, status: int, cause: str, kind: RemarkKind
) -> None:
    """Late and shed answers beside other work excuse a run that was given up; errors, or a quiet machine, do not."""
    load = pass_of(foreign_percent=foreign_percent, seconds=10.0, status=status, cause=cause)
    load.state.add_reason("fail", "given up early")
    remarks = [line for line in load.lines() if isinstance(line, Remark)]
    assert [one.kind for one in remarks if one.text.startswith("given up early")] == [kind]
