"""One run of load over a subject: generators and observers side by side, and the record's lines that it gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reglab.config.profile import Profile
from reglab.load.figures.live import Follower
from reglab.load.figures.measurements import ALL, judged_tallies, load_measurements, load_series, total_of
from reglab.load.figures.slos import breaches, percentile_limits, slo_findings
from reglab.load.figures.validity_checks import inconclusive, remarks_of
from reglab.load.generator.arrivals import PlannedCounts, planned_counts
from reglab.load.generator.processes import GeneratorEnd, Generators
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.operations import Load
from reglab.load.server.access_log import ServedRequests, count_difference, log_end, served_requests
from reglab.load.server.pg_stat_statements import TopStatement, statement_counts, top_statements
from reglab.load.server.server_measurements import (
    foreign_percent,
    server_measurements,
    server_series,
    statement_evidence,
)
from reglab.load.server.server_monitor import READINESS_TIMEOUT_S, ServerSample, ServerSide
from reglab.load.server.system_under_test import Say, Subject
from reglab.load.target.http_client import Api
from reglab.load.target.identity import IDENTITY_PATH
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire
from reglab.metrics import METRICS
from reglab.report.policy import Policy
from reglab.report.records import Measurement, Remark, RemarkKind, Series
from reglab.termination import reason_of_end

# Beyond this share of the machine, slowness may be the neighbours'.
FOREIGN_PERCENT_MAX = 15.0
LATE = ("no answer in time", "dropped")
# A service that sheds load says so with this status: on a starved machine, too.
SHED = "503"
# What a starved machine makes worse.
TIMES = frozenset({"latency_ms_p50", "latency_ms_p95", "latency_ms_p99", "latency_ms_max", "readiness_failures"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRun:
    """What one run of load brought: the generator's figures, the server's, and whether it was interrupted."""

    profile: Profile
    load: Load
    policy: Policy
    planned: PlannedCounts
    state: GeneratorState
    reasons: tuple[str, ...]
    samples: Sequence[ServerSample]
    connections_limit: int
    statements: tuple[TopStatement, ...]
    served: ServedRequests | None
    is_interrupted: bool = False

    @property
    def is_unsafe(self) -> bool:
        """Whether an answer came that the target did not prove."""
        return "unsafe" in self.state.reasons

    def lines(self) -> Iterator[Measurement | Series | Remark]:
        """Give the record's lines: what decides first, then the figures, then what is drawn."""
        for reason in self.reasons:
            yield inconclusive(self.profile, reason, "Read the logs in the run's folder and run again.")
        for remark in remarks_of(self.profile, self.state, planned=self.planned):
            yield self._excused(remark)
        if difference := self._count_difference():
            yield inconclusive(
                self.profile,
                f"the service's own count differs from the generator's by {difference} requests",
                "Compare access.log with the generator's state, both in the run's folder.",
            )
        if starved := self._starvation():
            yield inconclusive(
                self.profile,
                f"{starved[0]}, while {self._others()}",
                "Run again on a quiet machine: here it cannot be told whether the service or its neighbours were slow.",
            )
        yield from self.measurements()
        yield from load_series(self.profile, self.state, limits=percentile_limits(self.policy))
        yield from server_series(self.profile, self.samples, started_at=self.state.started_at)

    def measurements(self) -> Iterator[Measurement]:
        """Give the figures of the judged window. A time that was taken on a starved machine is no proof of a breach."""
        is_starved = bool(self._starvation())
        for line in self._figures():
            yield replace(line, doubt=self._others()) if is_starved and _is_about_time(line) else line

    def _excused(self, remark: Remark) -> Remark:
        """Return a failure as undecided where all that failed was late, and others kept the machine busy."""
        causes = total_of({f"{stage}|{name}": tally for (stage, name), tally in self.state.tallies().items()}).causes
        is_excused = (
            remark.kind is RemarkKind.FAIL
            and self._foreign_percent() >= FOREIGN_PERCENT_MAX
            and all(map(_is_late, causes))
        )
        if not is_excused:
            return remark
        said = f"{remark.text}; meanwhile {self._others()}"
        return inconclusive(self.profile, said, "Run again on a quiet machine.")

    def _starvation(self) -> list[str]:
        """Return the SLOs on times that were broken while others kept the machine busy; none on a quiet machine.

        A limit that is kept on a busy machine is kept all the more on a quiet one.
        """
        if self._foreign_percent() < FOREIGN_PERCENT_MAX:
            return []
        return breaches(slo_findings((line for line in self._figures() if _is_about_time(line)), self.policy))

    def _others(self) -> str:
        return f"other processes used {self._foreign_percent():.0f} % of this machine's CPU"

    def _foreign_percent(self) -> float:
        return foreign_percent(self.profile, self.samples, started_at=self.state.started_at)

    def _figures(self) -> Iterator[Measurement]:
        yield from load_measurements(self.profile, self.load, self.state, planned=self.planned)
        yield from server_measurements(
            self.profile, self.samples, started_at=self.state.started_at, connections_limit=self.connections_limit
        )
        if self.served is not None:
            yield self._measurement("server_count_difference", self._count_difference())
        if self.state.revisions:
            yield self._measurement("target_revisions", len(self.state.revisions))
        if self.statements:
            total = total_of(judged_tallies(self.profile, self.state))
            evidence = statement_evidence(self.statements, requests=self._answered())
            mean = total.database_ms / total.timed if total.timed else 0.0
            yield Measurement(
                scenario=self.profile.name,
                endpoint=ALL,
                metric=METRICS["server_database_ms_per_request"],
                part="top statements",
                values=(mean,),
                gates=False,
                evidence=evidence,
            )

    def _count_difference(self) -> int:
        if self.served is None:
            return 0
        unknown = sum(tally.unknown for tally in self.state.tallies().values())
        return count_difference(self.served, answered=self._answered(), unknown=unknown)

    def _answered(self) -> int:
        return sum(tally.answered for tally in self.state.tallies().values())

    def _measurement(self, metric: str, value: float) -> Measurement:
        return Measurement(scenario=self.profile.name, endpoint=ALL, metric=METRICS[metric], values=(value,))


def _is_late(cause: str) -> bool:
    """Tell failures that a starved machine can cause: no answer in time, no room to send, no room to serve."""
    return cause.startswith(LATE) or cause.endswith(SHED)


def _is_about_time(line: Measurement) -> bool:
    """Tell what a starved machine can break: latencies, and failures that are all late or missing answers."""
    if line.metric.name in ("failure_rate", "server_error_rate"):
        return all(_is_late(evidence.text) for evidence in line.evidence)
    return line.metric.name in TIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What one run of load is sent with: the subject and its proof, the run's id, the processes, the policy."""

    subject: Subject
    proof: Proof
    run: str
    workers: int
    policy: Policy
    say: Say


def ready_path_of(load: Load, *, run: str) -> str:
    """Return the path that is probed for readiness: the project's own, or the identity's, which each target has."""
    return load.ready_path or f"{IDENTITY_PATH}?nonce={run}-readiness"


def run_load(profile: Profile, folder: Path, arrangement: Arrangement) -> LoadRun:
    """Send one profile's load and watch the server meanwhile. Raises LoadTestError where it cannot start.

    Ctrl-C ends the load and marks it; what was measured until then is kept.
    """
    subject = arrangement.subject
    load = subject.project.load
    generators = Generators(
        profile=profile,
        origin=subject.origin,
        workers=arrangement.workers,
        folder=folder,
        root=subject.project.project.folder.resolve(),
        environment=subject.variables,
    )
    before = statement_counts(subject.database_url) if subject.database_url else None
    is_interrupted = False
    log_begin = log_end(subject.access_log)
    tripwire = Tripwire.of_run(folder)
    api = Api(origin=subject.origin, proof=arrangement.proof, tripwire=tripwire, deadline_s=READINESS_TIMEOUT_S)
    with ServerSide(
        api=api,
        ready_path=ready_path_of(load, run=arrangement.run),
        service_pid=subject.service_pid,
        database_pid=subject.database_pid,
        database_url=subject.database_url,
    ) as server_side:
        try:
            follower = Follower(profile=profile, load=load, policy=arrangement.policy, say=arrangement.say)
            end = generators.run(progress=follower.show)
        except KeyboardInterrupt:
            is_interrupted = True
            end = GeneratorEnd(state=GeneratorState.load(folder), reasons=(reason_of_end(),))
    api.close()
    state = end.state or GeneratorState(run=arrangement.run, workers_expected=arrangement.workers)
    if tripwire.is_cut():
        state.add_reason("unsafe", f"during the run: {tripwire.reason}")
    after = statement_counts(subject.database_url or "") if before is not None else None
    statements = top_statements(before=before or {}, after=after) if after is not None else []
    served = served_requests(subject.access_log, run=arrangement.run, since=log_begin) if subject.access_log else None
    return LoadRun(
        profile=profile,
        load=load,
        policy=arrangement.policy,
        planned=planned_counts(profile, load),
        state=state,
        reasons=end.reasons,
        samples=server_side.samples,
        connections_limit=server_side.connections_limit,
        statements=tuple(statements),
        served=served,
        is_interrupted=is_interrupted,
    )
