"""Turns the samples of the server side into the record's lines: SLOs on the database, and a time line to draw."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from statistics import fmean

from reglab.config.profile import Profile
from reglab.load.figures.growth import CONFIDENCE, growth_of
from reglab.load.figures.measurements import ALL
from reglab.load.server.pg_stat_statements import TopStatement
from reglab.load.server.server_monitor import ServerSample
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement, Series


def server_measurements(
    profile: Profile, samples: Iterable[ServerSample], *, started_at: float, connections_limit: int
) -> Iterator[Measurement]:
    """Give means of CPU over the judged window, and the worst of connections, memory and readiness."""
    judged = [sample for sample in samples if _is_judged(profile, sample.at - started_at)]
    if not judged:
        return
    cpu = {
        "service_cpu_percent": [sample.service.cpu_percent for sample in judged if sample.service],
        "database_cpu_percent": [sample.database.cpu_percent for sample in judged if sample.database],
    }
    for metric, values in cpu.items():
        if values:
            yield _measurement(profile, metric, fmean(values))
    if memory := [sample.service.memory_bytes for sample in judged if sample.service]:
        yield _measurement(profile, "service_memory_bytes", max(memory))
    connections = [sample.connections for sample in judged if sample.connections is not None]
    if connections and connections_limit:
        yield _measurement(profile, "database_connections_percent", 100 * max(connections) / connections_limit)
    yield _measurement(profile, "readiness_failures", sum(not sample.is_ready for sample in judged))
    yield from _growths(profile, judged)


def _growths(profile: Profile, judged: list[ServerSample]) -> Iterator[Measurement]:
    """Give the two ends of the intervals of what must not grow over a soak; nothing of a shorter load.

    Above its limit, the lower end proves growth; with the upper end alone above it, nothing is known.
    """
    memory = [(sample.at, float(sample.service.memory_bytes)) for sample in judged if sample.service]
    sessions = [(sample.at, float(sample.connections)) for sample in judged if sample.connections is not None]
    for metric, points in (("service_memory_growth", memory), ("database_sessions_growth", sessions)):
        growth = growth_of(points)
        if growth is None:
            continue
        text = (
            f"{growth.slope:+.2f} % an hour, with {CONFIDENCE:.0%} confidence between {growth.lower:+.2f} and "
            f"{growth.upper:+.2f}, over the last {growth.seconds / 60:.0f} minutes of the judged window"
        )
        for end, value in (("lower", growth.lower), ("upper", growth.upper)):
            line = _measurement(profile, metric, round(value, 4))
            yield replace(line, variant=end, evidence=(Evidence(kind="hint", text=text),))


def foreign_percent(profile: Profile, samples: Iterable[ServerSample], *, started_at: float) -> float:
    """Return how much of the machine others used on average; 0 where it was not looked at.

    In the judged window, or before it where the run did not come that far.
    """
    looked = [sample for sample in samples if sample.foreign_percent is not None]
    judged = [sample for sample in looked if _is_judged(profile, sample.at - started_at)]
    values = [sample.foreign_percent or 0.0 for sample in judged or looked]
    return fmean(values) if values else 0.0


def server_series(profile: Profile, samples: Iterable[ServerSample], *, started_at: float) -> Iterator[Series]:
    """Give the time lines of the server side, on the load's own clock."""
    samples = list(samples)
    lines: tuple[tuple[str, str, Callable[[ServerSample], float | None]], ...] = (
        ("service CPU", "% of one core", lambda sample: sample.service.cpu_percent if sample.service else None),
        ("service memory", "MB", lambda sample: sample.service.memory_bytes / 1e6 if sample.service else None),
        ("database CPU", "% of one core", lambda sample: sample.database.cpu_percent if sample.database else None),
        ("database connections", "connections", lambda sample: sample.connections),
        ("other work on the machine", "% of all cores", lambda sample: sample.foreign_percent),
        ("not ready", "probes", lambda sample: float(not sample.is_ready)),
    )
    for name, unit, value_of in lines:
        values = ((sample.at - started_at, value_of(sample)) for sample in samples)
        points = tuple((round(at, 2), round(value, 2)) for at, value in values if value is not None)
        if points:
            yield Series(scenario=profile.name, name=name, x_unit="s", y_unit=unit, points=points)


def statement_evidence(statements: Iterable[TopStatement], *, requests: int) -> tuple[Evidence, ...]:
    """Say which statements the database spent its time on, the most expensive first."""
    return tuple(
        Evidence(
            kind="statement",
            text=f"{statement.calls / max(requests, 1):.2f} a request, {statement.mean_ms:.2f} ms each, "
            f"{statement.share:.0%} of the database's time: {statement.text}",
            count=statement.calls,
        )
        for statement in statements
    )


def _is_judged(profile: Profile, at_s: float) -> bool:
    begun = 0.0
    for stage in profile.stage:
        if begun <= at_s < begun + stage.seconds:
            return stage.judged
        begun += stage.seconds
    return False


def _measurement(profile: Profile, metric: str, value: float) -> Measurement:
    return Measurement(scenario=profile.name, endpoint=ALL, metric=METRICS[metric], values=(value,))
