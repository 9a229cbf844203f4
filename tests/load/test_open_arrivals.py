"""Latency as users would feel it: no stall, no refusal and no rounding hides any of it."""

import math

import pytest

from reglab.load.generator.arrivals import planned_arrivals
from reglab.load.profiles import find_profile
from reglab.report.outcomes import Outcome
from tests.load.conftest import WRITES, Bench, Stub

pytestmark = pytest.mark.slow
QUIET = (Outcome.PASS, Outcome.NOTE)


def judged_latencies_ms(stub: Stub, *, ramp: int) -> list[float]:
    """Return what the server itself saw, from receiving to answering, of the load's requests after the ramp."""
    lines = sorted((float(line[3]), float(line[4])) for line in stub.requests() if line[-1] == "1")
    return sorted((done - received) * 1e3 for received, done in lines[ramp:])


def test_a_sound_service_passes(bench: Bench) -> None:
    """A service without a fault keeps every rule; on the database, which nobody let us look at, there is a note."""
    finished = bench.load(bench.stub().origin, bench.profile(mix=WRITES, rate=60))
    broken = {each.rule for each in finished.verdict.findings if each.outcome not in QUIET}
    assert not broken, finished.output
    assert finished.outcome("slo-database") is Outcome.NOTE


def test_a_stall_of_four_seconds_is_reported_as_the_server_saw_it(bench: Bench) -> None:
    """Under 20 arrivals/s with a stall of 4 s, p95 is within 5 % of the server's own figure, and fails its SLO."""
    stub = bench.stub(stall_after_s=4, stall_for_s=4, delay_ms=5)
    profile = bench.profile(rate=20, seconds=14)
    finished = bench.load(stub.origin, profile)
    ramp = sum(arrival.stage == 0 for arrival in planned_arrivals(find_profile(str(profile))))
    truth = judged_latencies_ms(stub, ramp=ramp)
    p95_ms = truth[math.ceil(0.95 * len(truth)) - 1]
    assert p95_ms > 1000
    assert finished.measured("latency_ms_p95") == pytest.approx(p95_ms, rel=0.05)
    assert finished.outcome("slo-latency") is Outcome.FAIL


def test_instant_refusals_do_not_make_the_service_look_fast(bench: Bench) -> None:
    """Where every second answer is an instant 503, the median is still that of the real answers, and it fails."""
    finished = bench.load(bench.stub(refuse_every=2, delay_ms=60).origin, bench.profile())
    assert finished.measured("latency_ms_p50") >= 60
    assert finished.measured("server_error_rate") == pytest.approx(0.5, abs=0.02)
    assert finished.outcome("slo-errors") is Outcome.FAIL
    assert finished.measurement("failure_rate").evidence[0].text == "status 503"


def test_a_p95_just_above_the_limit_does_not_pass(bench: Bench) -> None:
    """A service that takes 504.9 ms for every answer fails a limit of 500 ms: nothing is rounded to 500."""
    finished = bench.load(bench.stub(delay_ms=504.9).origin, bench.profile(rate=20))
    assert 504.9 <= finished.measured("latency_ms_p95") < 560
    assert finished.outcome("slo-latency") is Outcome.FAIL


def test_a_failing_service_is_given_up_early(bench: Bench) -> None:
    """Where every answer is a 503, the run ends long before its profile does, and says so."""
    finished = bench.load(bench.stub(refuse_every=1).origin, bench.profile(seconds=40, abort=0.5))
    assert any("given up early" in text for text in finished.remarks("fail"))
    assert finished.verdict.outcome is Outcome.FAIL


def test_a_time_out_is_slow_and_failed(bench: Bench) -> None:
    """Answers that come after the time-out count as failures, and no faster than the time-out."""
    finished = bench.load(bench.stub(delay_ms=1500).origin, bench.profile(timeout=1, rate=20))
    assert finished.measured("failure_rate") == 1.0
    assert finished.measured("latency_ms_p50") >= 1000
    assert finished.measured("server_error_rate") == 1.0


def test_a_breakpoint_search_finds_the_capacity(bench: Bench) -> None:
    """A service that serves 30 requests a second and no more passes at 20/s and fails at 40/s: that is the interval."""
    profile = bench.profile(rate=1, seconds=6)
    text = profile.read_text(encoding="utf-8").replace("samples_min = 20", "samples_min = 10")
    search = "[search]\nstart_rps = 10\ngrowth = 4\nprecision = 1.0\nprobes_max = 4\n"
    profile.write_text(text + search, encoding="utf-8")
    finished = bench.finish(bench.start(bench.stub(serial_ms=33).origin, profile))
    assert finished.measured("capacity_rps") == 20, finished.output
    assert any("at least 20.0 arrivals/s, less than 40.0" in text for text in finished.remarks("note"))
    assert finished.measured("leftover_rows") == 0
