"""Reasons why a run cannot be believed, or has failed without a number: remarks that decide."""

from collections.abc import Iterator

from reglab.config.profile import Profile
from reglab.load.figures.measurements import judged_tallies, total_of
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.results import Tally, percentile_ms
from reglab.report.records import Remark, RemarkKind

QUIET = "Run again on a machine with less beside it, with more --workers, or at a lower rate."


def remarks_of(profile: Profile, state: GeneratorState, *, planned: PlannedCounts) -> Iterator[Remark]:
    """Give every reason that the generator's own figures hold."""
    for kind, texts in state.reasons.items():
        for text in texts:
            yield Remark(kind=RemarkKind(kind), text=text, scenario=profile.name)
    if len(state.revisions) > 1 and not state.reasons:
        yield inconclusive(profile, f"the target answered with {len(state.revisions)} revisions", "Run again.")
    yield from _counts(profile, state, planned=planned)
    yield from _generator(profile, state)


def _counts(profile: Profile, state: GeneratorState, *, planned: PlannedCounts) -> Iterator[Remark]:
    total = total_of({f"{stage}|{name}": tally for (stage, name), tally in state.tallies().items()})
    if not total.answered:
        yield inconclusive(profile, "no request was answered: there is nothing to judge", "Read the service's log.")
    if gap := _gap(total, planned):
        yield inconclusive(profile, f"the counts do not add up: {gap}", QUIET)
    samples = total_of(judged_tallies(profile, state)).latency.get_total_count()
    if samples < profile.samples_min:
        yield inconclusive(
            profile,
            f"too few samples: {samples} latencies in the judged window, the profile asks for {profile.samples_min}",
            "Lengthen the judged stages or raise their rate.",
        )
    if state.finished_workers < state.workers_expected:
        yield inconclusive(
            profile,
            f"{state.finished_workers} of {state.workers_expected} load-generating workers finished their share",
            "Read the workers' logs in the run's folder.",
        )


def _gap(total: Tally, planned: PlannedCounts) -> str:
    if planned.arrivals != total.arrivals:
        return f"{planned.arrivals} arrivals planned, {total.sent} sent and {total.dropped} dropped"
    if total.sent != total.answered + total.unknown + total.withheld:
        return f"{total.sent} sent, {total.answered} answered, {total.unknown} unknown and {total.withheld} withheld"
    return ""


def _generator(profile: Profile, state: GeneratorState) -> Iterator[Remark]:
    lateness = state.lateness()
    late_ms = percentile_ms(lateness, 99.0) if lateness.get_total_count() else 0.0
    if late_ms > profile.dispatch_late_ms_p99_max:
        yield inconclusive(
            profile,
            f"arrivals were sent late: p99 {late_ms:.0f} ms, at most {profile.dispatch_late_ms_p99_max:.0f} ms allowed",
            QUIET,
        )
    for worker in state.workers.values():
        mean = sum(worker["cpu"]) / len(worker["cpu"]) if worker["cpu"] else 0.0
        if mean > profile.generator_cpu_percent_max:
            yield inconclusive(
                profile,
                f"the load generator is saturated: worker {worker['index']} used {mean:.0f} % of its core, "
                f"at most {profile.generator_cpu_percent_max:.0f} % allowed",
                QUIET,
            )


def inconclusive(profile: Profile, text: str, next_step: str) -> Remark:
    """Return a remark that keeps the run from being believed."""
    return Remark(kind=RemarkKind.INCONCLUSIVE, text=text, scenario=profile.name, next_step=next_step)
