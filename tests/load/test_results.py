"""Tallies: merged without loss, and no failure makes the service look fast."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reglab.load.generator.arrivals import Arrival
from reglab.load.generator.recorder import Answer, Recorder
from reglab.load.generator.results import Tally, empty_histogram, mean_ms, percentile_ms, record_s, unpacked

ARRIVAL = Arrival(index=0, at_s=0.5, stage=1, scenario="summary")
KEY = "1|summary"


def tally_of(*answers: Answer | None, timeout_s: float = 10.0) -> Tally:
    """Return the tally of some answers; None stands for an arrival that was dropped."""
    recorder = Recorder(timeout_s=timeout_s)
    for answer in answers:
        if answer is None:
            recorder.drop(ARRIVAL)
        else:
            recorder.send(ARRIVAL, late_s=0.0)
            recorder.finish(ARRIVAL, answer)
    return unpacked(recorder.report()["tallies"][KEY])


def ok(seconds: float) -> Answer:
    """Return a success."""
    return Answer(status=200, seconds=seconds)


def test_merging_workers_is_lossless() -> None:
    """Percentiles of two workers' merged tallies are those of one that had seen everything."""
    values = [0.001 * number for number in range(1, 1001)]
    one, other, both = tally_of(*map(ok, values[::2])), tally_of(*map(ok, values[1::2])), tally_of(*map(ok, values))
    one.add(other)
    assert [percentile_ms(one.latency, p) for p in (50, 95, 99, 100)] == [
        percentile_ms(both.latency, p) for p in (50, 95, 99, 100)
    ]
    assert (one.sent, one.succeeded) == (1000, 1000)


@pytest.mark.parametrize("milliseconds", [0.4, 12.34, 499.9, 500.1, 504.9, 9_999.0])
def test_a_percentile_is_never_below_the_truth_and_at_most_a_thousandth_above(milliseconds: float) -> None:
    """The histogram gives the upper end of a bucket of 0.1 %: 504.9 ms does not become 500."""
    histogram = empty_histogram()
    record_s(histogram, milliseconds / 1e3)
    assert milliseconds <= percentile_ms(histogram, 95) <= milliseconds * 1.001 + 0.001


def test_a_refusal_has_a_latency_of_its_own() -> None:
    """Nine instant 503s beside one success of 80 ms leave the median at 80 ms."""
    refusal = Answer(status=503, seconds=0.001, cause="status 503")
    tally = tally_of(*[refusal] * 9, ok(0.08))
    assert percentile_ms(tally.latency, 50) == pytest.approx(80, rel=0.001)
    assert (tally.failed, tally.server_errors, tally.causes) == (9, 9, {"status 503": 9})
    assert tally.failure_latency.get_total_count() == 9


@pytest.mark.parametrize("answer", [None, Answer(status=0, seconds=0.002, cause="broken connection")])
def test_no_answer_is_slow_and_failed(answer: Answer | None) -> None:
    """A dropped arrival and a broken connection count as a latency of the time-out, however fast they were."""
    tally = tally_of(answer, timeout_s=3.0)
    assert percentile_ms(tally.latency, 50) == pytest.approx(3000, rel=0.001)
    assert tally.arrivals - tally.succeeded == 1


@pytest.mark.parametrize(("status", "server_errors"), [(429, 0), (503, 1)])
def test_a_write_whose_row_was_refused_is_no_time_out(status: int, server_errors: int) -> None:
    """It was not sent: it failed, in the time of the refusal, and is the server's error where that was one."""
    withheld = Answer(
        status=0, seconds=0.004, cause=f"not sent: its book was answered with {status}", refused_with=status
    )
    tally = tally_of(withheld, ok(0.02), timeout_s=10.0)
    assert (tally.ended, tally.withheld, tally.unknown, tally.server_errors) == (2, 1, 0, server_errors)
    assert tally.ended - tally.succeeded == 1
    assert percentile_ms(tally.latency, 100) == pytest.approx(20, rel=0.001)
    assert percentile_ms(tally.failure_latency, 100) == pytest.approx(4, rel=0.001)


def test_every_arrival_has_one_end() -> None:
    """What is sent is answered or unknown, and what is not sent is dropped: the counts add up."""
    tally = tally_of(ok(0.1), None, Answer(status=404, seconds=0.1, cause="x"), Answer(status=0, seconds=1, cause="y"))
    assert (tally.arrivals, tally.sent, tally.dropped) == (4, 3, 1)
    assert tally.sent == tally.answered + tally.unknown


def test_a_redirect_is_a_failure() -> None:
    """Nothing in the mix expects a redirect, and none is followed: it is no success."""
    assert tally_of(Answer(status=302, seconds=0.1, cause="status 302")).succeeded == 0


def test_reports_are_cumulative() -> None:
    """A report that got lost is made good by the next: each holds all there was."""
    recorder = Recorder(timeout_s=1.0)
    for _ in range(2):
        recorder.send(ARRIVAL, late_s=0.0)
        recorder.finish(ARRIVAL, ok(0.1))
        report = recorder.report()
    assert unpacked(report["tallies"][KEY]).succeeded == 2


def test_an_arrival_that_a_stop_kept_from_being_sent_is_no_failure() -> None:
    """The run was stopped between its turn and its request: it counts as neither sent nor failed."""
    recorder = Recorder(timeout_s=10)
    recorder.send(ARRIVAL, late_s=0.0)
    recorder.withdraw(ARRIVAL)
    report = recorder.report()
    tally = unpacked(report["tallies"][KEY])
    assert (tally.arrivals, tally.unknown, tally.causes) == (0, 0, {})
    assert report["seconds"] == {"0": [0, 0, 0.0]}


@settings(deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=60_000_000), max_size=40))
def test_the_mean_is_that_of_the_histogram(values: list[int]) -> None:
    """The mean over the buckets that hold something is the one that HdrHistogram finds over all of them."""
    histogram = empty_histogram()
    for value in values:
        histogram.record_value(value)
    assert mean_ms(histogram) == pytest.approx(histogram.get_mean_value() / 1e3)
