"""Tables of a load: its endpoints with a broken SLO first, its answers by status, its percentiles by stage."""

from collections.abc import Iterable, Sequence
from typing import Final

from reglab.report.findings import Finding, formatted
from reglab.report.outcomes import Outcome, worst
from reglab.report.records import PERCENTILE, Measurement, Series
from reglab.report.renderings.scaled import scaled

ENDPOINT_HEADINGS: Final = (
    "outcome",
    "endpoint",
    "scenario",
    "what is broken",
    "requests",
    "failed",
    "min",
    "mean",
    "p50",
    "p95",
    "p99",
    "max, ms",
    "queries",
    "size, bytes",
)
_LATENCIES: Final = ("min", "mean", "p50", "p95", "p99", "max")
Rows = tuple[tuple[str, ...], ...]


def endpoint_rows(samples: Iterable[Measurement], findings: Iterable[Finding]) -> Rows:
    """Return a row an operation of a load: broken SLOs first, then the slowest."""
    measured: dict[tuple[str, str], dict[str, float]] = {}
    for sample in samples:
        if sample.instrument == "load" and sample.endpoint and not sample.part:
            measured.setdefault((sample.endpoint, sample.scenario), {})[sample.metric.name] = sample.median
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.instrument == "load":
            found.setdefault((finding.endpoint, finding.scenario), []).append(finding)
    rows = [(_outcome(found.get(place, ())), place, values) for place, values in measured.items()]
    rows.sort(key=lambda row: (-row[0].severity, -row[2].get("latency_ms_p95", 0.0), row[1]))
    return tuple(_endpoint_row(outcome, place, values, found.get(place, ())) for outcome, place, values in rows)


def status_rows(samples: Iterable[Measurement]) -> Rows:
    """Return the answers of a load by their status, and what got none, with shares; the most frequent first."""
    counted = next((each for each in samples if each.metric.name == "requests" and not each.endpoint), None)
    if counted is None:
        return ()
    whole = sum(each.count for each in counted.evidence)
    ranked = sorted(counted.evidence, key=lambda each: -each.count)
    return tuple((each.text, formatted(each.count), f"{100 * each.count / whole:.2f} %") for each in ranked)


def stage_rows(series: Iterable[Series]) -> Rows:
    """Return the percentiles of each stage of a load."""
    stages = [each for each in series if each.x_unit == PERCENTILE]
    return tuple((each.name, *(_of(dict(each.points), percent) for percent in (50, 95, 99))) for each in stages)


def quantity_of(sample: Measurement) -> str:
    """Write a load's measurement for a person: memory and traffic in megabytes, not in bytes."""
    (value,), unit = scaled([sample.median], sample.metric.unit)
    return f"{value:,.1f} {unit}" if unit != sample.metric.unit else f"{formatted(sample.median)} {unit}"


def _outcome(findings: Sequence[Finding]) -> Outcome:
    decided = [each.outcome for each in findings if each.outcome is not Outcome.NOTE]
    return worst(decided) if decided else Outcome.NOTE


def _endpoint_row(
    outcome: Outcome, place: tuple[str, str], values: dict[str, float], findings: Sequence[Finding]
) -> tuple[str, ...]:
    broken = [f"{each.rule}: {each.found}" for each in findings if each.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE)]
    requests = values.get("requests", 0)
    size = values.get("received_bytes", 0) / requests if requests else 0
    return (
        outcome.value,
        *place,
        "; ".join(broken),
        formatted(round(requests)),
        f"{100 * values['failure_rate']:.2f} %" if "failure_rate" in values else "",
        *(_milliseconds(values.get(f"latency_ms_{name}")) for name in _LATENCIES),
        f"{values['server_queries_per_request']:.2f}" if "server_queries_per_request" in values else "",
        formatted(round(size)),
    )


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _of(points: dict[float, float], percent: int) -> str:
    return _milliseconds(points.get(percent))
