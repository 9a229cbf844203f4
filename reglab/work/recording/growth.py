"""The growth of a scenario's counters as lines of a record: the exponent, and the points that it was fitted to."""

from collections.abc import Iterator

from reglab.counters.scans.unserved import WHOLE_TABLE
from reglab.metrics import METRICS, Metric
from reglab.report.records import Evidence, Measurement, Series
from reglab.work.audit import Audit, Result
from reglab.work.counter_table import Table, measured_variants, statements_at, totals
from reglab.work.evidence_ranking import by_growth
from reglab.work.growth import Growth, growths
from reglab.work.ledger.ledger import Ledger


def growth_lines(audit: Audit, result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement | Series]:
    """Give each counter's exponent along each axis, held or free, and its points."""
    axes = audit.suite.suite.axes
    statements = {variant: statements_at(table, variant) for variant, _ in measured_variants(result)}
    for growth in growths(result.scenario, totals(table), points=audit.points, axes=axes, statements=statements):
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["growth_exponent"],
            part=f"{growth.metric.name} by {growth.axis}",
            variant="held" if growth.is_held else "free",
            values=(growth.exponent,),
            gates=growth.is_held,
            evidence=_growth_evidence(result, table, growth, ledger) if growth.is_held else (),
        )
        yield Series(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            name=growth.metric.name,
            x_unit=growth.axis,
            y_unit=growth.metric.unit,
            points=growth.points,
            exponent=growth.exponent,
        )


def _growth_evidence(result: Result, table: Table, growth: Growth, ledger: Ledger) -> tuple[Evidence, ...]:
    if growth.exponent == 0:
        return ()
    said = ", ".join(f"{value:,} at {size}" for size, value in growth.points)
    smallest, largest = growth.variants[0], growth.variants[-1]
    if growth.metric.growth_evidence:
        blamed = [one for metric in growth.metric.growth_evidence for one in _at(table, metric, largest)]
    else:
        accepted = ledger.statements(scenario=result.scenario.name, variant=largest)
        before, after = _at(table, growth.metric, smallest), _at(table, growth.metric, largest)
        blamed = list(by_growth(before, after, accepted=accepted))
    return (*blamed, Evidence(kind="hint", text=f"{growth.metric.name} by {growth.axis}: {said}"))


def _at(table: Table, metric: Metric, variant: str) -> tuple[Evidence, ...]:
    """Return the evidence of all parts of a metric at a variant; scans of whole tables, which no index ends, last."""
    cells = [(part, cells[variant]) for (name, part), cells in table.items() if name == metric and variant in cells]
    cells.sort(key=lambda item: item[0].endswith(WHOLE_TABLE))
    return tuple(one for _, cell in cells for one in cell.evidence)
