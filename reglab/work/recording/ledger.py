"""Remarks on the ledger itself: sections that it lacks, scenarios that are gone, counters that vanished."""

from collections.abc import Iterator

from reglab.counters.definition import CounterMetric
from reglab.counters.queries import QUERIES
from reglab.counters.registry import counted_metrics
from reglab.report.records import Remark, RemarkKind
from reglab.work.audit import Audit, Result
from reglab.work.counter_table import Table, is_in_ledger, measured_variants
from reglab.work.ledger import Ledger, section_of

_ACCEPT = 'If it is meant, accept it: audit --accept "why".'


def ledger_remarks(audit: Audit, tables: dict[str, Table], ledger: Ledger) -> Iterator[Remark]:
    """Give what the ledger lacks and what it holds too much."""
    metrics = {metric for table in tables.values() for metric, part in table if is_in_ledger(metric, part)}
    sections = {section_of(metric) for metric in metrics if isinstance(metric, CounterMetric)}
    for section in sorted(sections):
        if not ledger.has_section(section):
            is_base = section == section_of(QUERIES)
            yield Remark(
                kind=RemarkKind.FAIL if is_base else RemarkKind.NOTE,
                text=f"the ledger has no section {section!r}: its counters gate nothing yet",
                next_step=_ACCEPT,
            )
    if not audit.is_partial:
        for key in ledger.stale(scenarios=[one.name for one in audit.suite.suite.scenario], sections=sections):
            yield Remark(
                kind=RemarkKind.FAIL, text=f"the ledger still holds {key}, a scenario that is gone", next_step=_ACCEPT
            )
    for result in audit.results:
        if dict(measured_variants(result)):
            yield from _vanished_counters(result, tables[result.scenario.name], ledger, sections)


def _vanished_counters(result: Result, table: Table, ledger: Ledger, sections: set[str]) -> Iterator[Remark]:
    """Say which accepted counters were not measured at all: work that vanishes silently is a finding."""
    # A part that does not occur is 0, and has a line of its own.
    spared = {metric.name for metric, _ in table} | {metric.name for metric in counted_metrics() if metric.is_parted}
    for section in sorted(sections):
        for metric in sorted(ledger.metrics(section=section, scenario=result.scenario.name) - spared):
            if not any(exception.counter == metric for exception in result.scenario.without):
                yield Remark(
                    kind=RemarkKind.FAIL,
                    scenario=result.scenario.name,
                    text=f"{metric} was accepted ({section}) and was not measured this time",
                    next_step=_ACCEPT,
                )
