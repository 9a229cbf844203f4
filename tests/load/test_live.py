"""The line on the terminal while a load is on."""

import pytest

from loadtests.operations import LOAD
from reglab.load.figures.live import JUDGED_EVERY, Follower, broken_slo, sentence
from reglab.load.generator.arrivals import planned_arrivals
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.recorder import Answer, Recorder
from reglab.load.profiles import find_profile
from reglab.report.policy import read_policy

PROFILE = find_profile("smoke")


def state_of(seconds: float) -> GeneratorState:
    """Return the state of a generator that has sent the first ten seconds, each answered after so many."""
    recorder = Recorder(timeout_s=10)
    for arrival in planned_arrivals(PROFILE):
        if arrival.at_s < 10:
            recorder.send(arrival, late_s=0.0)
            recorder.finish(arrival, Answer(status=200, seconds=seconds))
    state = GeneratorState(run="r", workers_expected=1)
    report = {"index": 0, "started_at": 1.0, "finished": False, "error": "", "error_kind": "", "revisions": []}
    state.take_report("w", report | {"cpu_percent": 5.0, "cpu_seconds": 1.0} | recorder.report())
    return state


def test_before_the_first_answer_there_is_a_line_all_the_same() -> None:
    """Nothing sent yet: the whole time is left, and nothing is claimed."""
    line = sentence(PROFILE, GeneratorState(run="r", workers_expected=1), broken="")
    assert line == "smoke: 15 s left, 0 arrivals, 0 answered, 0 failures; no SLO broken so far"


@pytest.mark.parametrize(
    ("seconds", "ending"),
    [(0.02, "p50 20 p95 20 p99 20 ms; no SLO broken so far"), (0.9, "broken so far: latency_ms_p95 of the whole")],
)
def test_the_line_has_percentiles_and_the_verdict_so_far(seconds: float, ending: str) -> None:
    """Percentiles of the last seconds, and the first SLO that is broken."""
    state = state_of(seconds)
    line = sentence(PROFILE, state, broken=broken_slo(PROFILE, LOAD, read_policy(), state))
    assert line.startswith("smoke: 5 s left, ")
    assert ending in line


def test_it_speaks_once_a_second() -> None:
    """However often the state is looked at."""
    said: list[str] = []
    now = [100.0]
    follower = Follower(profile=PROFILE, load=LOAD, policy=read_policy(), say=said.append, clock=lambda: now[0])
    for moment in (100.0, 100.4, 100.9, 101.0, 101.5):
        now[0] = moment
        follower.show(state_of(0.02))
    assert len(said) == 2


def test_what_is_broken_later_is_said_later() -> None:
    """It is judged anew every few seconds, not once."""
    said: list[str] = []
    now = [100.0]
    follower = Follower(profile=PROFILE, load=LOAD, policy=read_policy(), say=said.append, clock=lambda: now[0])
    for second in range(JUDGED_EVERY + 1):
        now[0] = 100.0 + second
        follower.show(state_of(0.02 if second == 0 else 0.9))
    assert "no SLO broken" in said[JUDGED_EVERY - 1]
    assert "broken so far" in said[JUDGED_EVERY]
