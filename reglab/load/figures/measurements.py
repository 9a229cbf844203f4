"""Turns what the generator counted into the record's lines: the judged window, as a whole and by endpoint."""

from collections.abc import Iterator, Mapping

from reglab.config.profile import Profile
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.results import Tally, mean_ms, percentile_ms
from reglab.load.operations import Load
from reglab.metrics import METRICS
from reglab.report.records import PERCENTILE, Evidence, Measurement, Series

# The fewest latencies that carry a percentile: of n values none lies above it with probability (p/100)**n, here < 5 %.
SAMPLES_MIN = {"latency_ms_p50": 5, "latency_ms_p95": 59, "latency_ms_p99": 299}
# The endpoint under which the whole of a run is recorded, beside the profile's name.
ALL = ""
_PERCENT = {"latency_ms_p50": 50.0, "latency_ms_p95": 95.0, "latency_ms_p99": 99.0}


def judged_tallies(profile: Profile, state: GeneratorState) -> dict[str, Tally]:
    """Return one tally a scenario over the judged stages: ramps stay out."""
    merged: dict[str, Tally] = {}
    for (stage, scenario), tally in state.tallies().items():
        if profile.stage[stage].judged:
            merged.setdefault(scenario, Tally()).add(tally)
    return merged


def total_of(tallies: dict[str, Tally]) -> Tally:
    """Return the sum of tallies."""
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    return total


def load_measurements(
    profile: Profile, load: Load, state: GeneratorState, *, planned: PlannedCounts
) -> Iterator[Measurement]:
    """Give the measurements of a run: the whole first, under the profile's name, then each endpoint."""
    tallies = judged_tallies(profile, state)
    seconds = sum(stage.seconds for stage in profile.stage if stage.judged)
    yield from _whole(profile, state, planned=planned)
    yield from _of_tally(total_of(tallies), scenario=profile.name, endpoint=ALL, seconds=seconds)
    for name, tally in sorted(tallies.items()):
        yield from _of_tally(tally, scenario=name, endpoint=load.operations[name].endpoint, seconds=seconds)


def load_series(profile: Profile, state: GeneratorState, *, limits: Mapping[str, float]) -> Iterator[Series]:
    """Give the time line of the load, second by second, and what each stage came to.

    `limits` are the SLOs on percentiles that hold for the whole, by metric; they are lines to draw beside them.
    """
    seconds = state.seconds()
    for place, (name, unit) in enumerate((("arrivals", "arrivals/s"), ("failures", "failures/s"), ("slowest", "ms"))):
        points = tuple((second, values[place]) for second, values in seconds.items())
        yield Series(scenario=profile.name, name=name, x_unit="s", y_unit=unit, points=points)
    asked = tuple((second, round(profile.target_rps(second + 0.5), 2)) for second in seconds)
    yield Series(scenario=profile.name, name="target rate", x_unit="s", y_unit="arrivals/s", points=asked)
    windows = state.windows()
    for metric, percent in _PERCENT.items():
        drawn = tuple(
            (window * profile.window_seconds, percentile_ms(latency, percent)) for window, latency in windows.items()
        )
        name = metric.removeprefix("latency_ms_")
        if drawn:
            yield Series(scenario=profile.name, name=name, x_unit="s", y_unit="ms", points=drawn)
        if drawn and metric in limits:
            line = ((drawn[0][0], limits[metric]), (drawn[-1][0], limits[metric]))
            yield Series(scenario=profile.name, name=f"SLO of {name}", x_unit="s", y_unit="ms", points=line)
    yield from _stage_series(profile, state)


def _stage_series(profile: Profile, state: GeneratorState) -> Iterator[Series]:
    """Give the percentiles of each stage; its times, and whether it is judged, stand in its name."""
    begun = 0.0
    for number, stage in enumerate(profile.stage):
        end = begun + stage.seconds
        whole = total_of({name: tally for (place, name), tally in state.tallies().items() if place == number})
        points = tuple(
            (percent, percentile_ms(whole.latency, percent))
            for metric, percent in _PERCENT.items()
            if whole.latency.get_total_count() >= SAMPLES_MIN[metric]
        )
        if points:
            name = f"{stage.name}, {begun:g} to {end:g} s{'' if stage.judged else ', not judged'}"
            yield Series(scenario=profile.name, name=name, x_unit=PERCENTILE, y_unit="ms", points=points)
        begun = end


def _whole(profile: Profile, state: GeneratorState, *, planned: PlannedCounts) -> Iterator[Measurement]:
    total = Tally()
    for tally in state.tallies().values():
        total.add(tally)
    lateness = state.lateness()
    values: dict[str, float] = {
        "arrivals_planned": planned.arrivals,
        "arrivals_dropped": total.dropped,
        "arrivals_unaccounted": planned.arrivals - total.ended,
        "generator_workers_lost": state.workers_expected - state.finished_workers,
    }
    if lateness.get_total_count():
        values["dispatch_late_ms_p99"] = percentile_ms(lateness, 99.0)
    busiest = [sum(worker["cpu"]) / len(worker["cpu"]) for worker in state.workers.values() if worker["cpu"]]
    if busiest:
        values["generator_cpu_percent"] = max(busiest)
    for metric, value in values.items():
        yield Measurement(scenario=profile.name, endpoint=ALL, metric=METRICS[metric], values=(value,))


def _of_tally(tally: Tally, *, scenario: str, endpoint: str, seconds: float) -> Iterator[Measurement]:
    causes = tuple(
        Evidence(kind="response", text=cause, count=count)
        for cause, count in sorted(tally.causes.items(), key=lambda item: -item[1])
    )
    answers = tuple(
        Evidence(kind="response", text=f"status {status}", count=count)
        for status, count in sorted(tally.statuses.items())
    )
    unanswered = tuple(
        Evidence(kind="response", text=cause, count=count)
        for cause, count in sorted(tally.causes.items())
        if not cause.startswith("status ")
    )
    values: dict[str, float] = {
        "requests": tally.answered,
        "throughput_rps": tally.answered / seconds,
        "received_bytes": tally.received_bytes,
    }
    if tally.ended:
        # One in flight when its worker was killed is nobody's failure: `arrivals_unaccounted` leaves the run open.
        values["failure_rate"] = (tally.ended - tally.succeeded) / tally.ended
        values["server_error_rate"] = tally.server_errors / tally.ended
    samples = tally.latency.get_total_count()
    for metric, percent in _PERCENT.items():
        if samples >= SAMPLES_MIN[metric]:
            values[metric] = percentile_ms(tally.latency, percent)
    if samples:
        values["latency_ms_min"] = float(tally.latency.get_min_value()) / 1e3
        values["latency_ms_mean"] = mean_ms(tally.latency)
        values["latency_ms_max"] = percentile_ms(tally.latency, 100.0)
    if tally.timed:
        values["server_queries_per_request"] = tally.queries / tally.timed
        values["server_database_ms_per_request"] = tally.database_ms / tally.timed
    for metric, value in values.items():
        evidence = {
            "failure_rate": causes,
            "server_error_rate": causes,
            "requests": (*answers, *unanswered),
        }.get(metric, ())
        yield Measurement(
            scenario=scenario, endpoint=endpoint, metric=METRICS[metric], values=(value,), evidence=evidence
        )
