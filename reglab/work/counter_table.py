"""The counters of one scenario as a table: by metric and part, then by variant, with what the takings agree on."""

from collections.abc import Iterator, Mapping, Sequence

from reglab.counters.engine.definition import CounterMetric, Kept
from reglab.counters.engine.point_bench import Taking
from reglab.counters.queries import QUERIES
from reglab.metrics import Metric
from reglab.report.records import Measurement
from reglab.work.audit import Result
from reglab.work.evidence_ranking import Statements, statement_counts

Quantity = tuple[Metric, str]
Table = Mapping[Quantity, Mapping[str, Measurement]]


def table_of(result: Result) -> Table:
    """Lay out a scenario's counters. A part that did not occur at a variant ("shop_order update") is 0 there."""
    measured = dict(measured_variants(result))
    quantities = dict.fromkeys(
        (count.metric, count.part) for takings in measured.values() for taking in takings for count in taking.counts
    )
    return {
        quantity: {
            variant: _measurement(result, variant, takings, quantity)
            for variant, takings in measured.items()
            if is_parted(quantity[0]) or _occurs(takings, quantity)
        }
        for quantity in quantities
    }


def measured_variants(result: Result) -> Iterator[tuple[str, Sequence[Taking]]]:
    """Give the variants whose takings all went as declared."""
    for variant, takings in result.takings.items():
        if not any(taking.complaint for taking in takings):
            yield variant, takings


def statements_at(table: Table, variant: str) -> Statements:
    """Return how often each statement ran at a variant."""
    queries = table.get((QUERIES, ""), {}).get(variant)
    return statement_counts(queries.evidence) if queries else {}


def totals(table: Table) -> dict[CounterMetric, dict[str, int]]:
    """Sum each amount over its parts, by metric and variant."""
    found: dict[CounterMetric, dict[str, int]] = {}
    for (metric, _), measurements in table.items():
        if isinstance(metric, CounterMetric) and metric.can_grow:
            for variant, measurement in measurements.items():
                by_variant = found.setdefault(metric, {})
                by_variant[variant] = by_variant.get(variant, 0) + int(measurement.value)
    return found


def is_parted(metric: Metric) -> bool:
    """Tell whether a metric is counted by table or field, so that a part that does not occur is 0."""
    return isinstance(metric, CounterMetric) and metric.is_parted


def is_recorded(metric: Metric, part: str) -> bool:
    """Tell whether a counter's part has a line of its own in the record."""
    return not (isinstance(metric, CounterMetric) and part in metric.unrecorded_parts)


def is_in_ledger(metric: Metric, part: str) -> bool:
    """Tell whether a counter is one that somebody has to accept."""
    return isinstance(metric, CounterMetric) and metric.kept is not Kept.NOWHERE and is_recorded(metric, part)


def _occurs(takings: Sequence[Taking], quantity: Quantity) -> bool:
    return any((count.metric, count.part) == quantity for taking in takings for count in taking.counts)


def _measurement(result: Result, variant: str, takings: Sequence[Taking], quantity: Quantity) -> Measurement:
    metric, part = quantity
    found = [
        next((count for count in taking.counts if (count.metric, count.part) == quantity), None)
        for taking in takings
        # What was not counted at all, as memory the second time, has no value there; a part that did not occur is 0.
        if is_parted(metric) or any(count.metric is metric for count in taking.counts)
    ]
    return Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=metric,
        part=part,
        variant=variant,
        values=tuple(count.value if count else 0 for count in found),
        evidence=next((count.evidence for count in found if count), ()),
    )
