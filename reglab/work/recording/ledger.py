"""Remarks on the ledger itself: what it lacks, scenarios that are gone, counters that vanished."""

from collections.abc import Iterator

from reglab.counters.engine.definition import CounterMetric
from reglab.counters.engine.registry import counted_metrics
from reglab.report.findings import counted, plural
from reglab.report.records import Remark, RemarkKind
from reglab.work.audit import Audit, Result
from reglab.work.counter_table import Table, is_in_ledger, measured_variants
from reglab.work.ledger.ledger import Ledger
from reglab.work.ledger.scenario_file import NO_REASON

_ACCEPT = 'If it is meant, accept it: audit --accept "why".'


def ledger_remarks(audit: Audit, tables: dict[str, Table], ledger: Ledger) -> Iterator[Remark]:
    """Give what the ledger lacks and what it holds too much."""
    if ledger.is_empty:
        yield Remark(
            kind=RemarkKind.INCONCLUSIVE,
            text=f"there is no ledger at {ledger.path}: no counter is held against anything",
            next_step='Accept a first one, and commit it: audit --accept "why".',
        )
        return
    yield from _unexplained(ledger)
    yield from _missing_sections(tables, ledger)
    yield from _new_scenarios(audit, ledger)
    yield from _new_sizes(audit, ledger)
    if not audit.is_partial:
        for name in ledger.stale(scenario.name for scenario in audit.suite.suite.scenario):
            yield Remark(
                kind=RemarkKind.FAIL, text=f"the ledger still holds {name}, a scenario that is gone", next_step=_ACCEPT
            )
    for result in audit.results:
        if dict(measured_variants(result)):
            yield from _vanished_counters(result, tables[result.scenario.name], ledger)


def _unexplained(ledger: Ledger) -> Iterator[Remark]:
    """Refuse what a patch brought and nobody gave a reason for: `--accept` takes none without one either."""
    for name in ledger.names:
        if count := ledger.scenario(name).unexplained:
            yield Remark(
                kind=RemarkKind.FAIL,
                scenario=name,
                text=f"{plural(count, 'counter')} of {name} accepted without a reason",
                next_step=f"In {ledger.path}/{name}.json, put the reason in the place of {NO_REASON!r}.",
            )


def _missing_sections(tables: dict[str, Table], ledger: Ledger) -> Iterator[Remark]:
    metrics = {metric for table in tables.values() for metric, part in table if is_in_ledger(metric, part)}
    counted_here = [metric for metric in metrics if isinstance(metric, CounterMetric)]
    for section in sorted({ledger.sections.of(metric) for metric in counted_here if ledger.sections.may_gate(metric)}):
        if not ledger.has_section(section):
            is_base = section == ledger.sections.base
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE if is_base else RemarkKind.NOTE,
                text=f"the ledger has no section {section!r}: its counters gate nothing yet",
                next_step=_ACCEPT,
            )
    if new := sorted({metric.name for metric in counted_here if ledger.is_new(metric)}):
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{counted(new)}: counted since the ledger was accepted, so that it gates nothing yet",
            next_step=_ACCEPT,
        )
    if elsewhere := sorted(metric.name for metric in counted_here if not ledger.sections.may_gate(metric)):
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{counted(elsewhere)}: noted, and judged on Python {ledger.sections.reference_python} alone",
        )


def _new_scenarios(audit: Audit, ledger: Ledger) -> Iterator[Remark]:
    """Name the scenarios of which the ledger holds nothing here, a line each: their counters are notes."""
    if not ledger.has_section(ledger.sections.base):
        return
    for result in audit.results:
        name = result.scenario.name
        if any(measured_variants(result)) and not ledger.scenario(name).counters.get(ledger.sections.base):
            yield Remark(
                kind=RemarkKind.NOTE,
                scenario=name,
                text=f"{name} is new: the ledger holds nothing of it yet",
                next_step=_ACCEPT,
            )


def _new_sizes(audit: Audit, ledger: Ledger) -> Iterator[Remark]:
    """Name the sizes that were never accepted, a line each: a suite asks for other sizes than it did."""
    found: dict[str, list[str]] = {}
    unjudged = False
    for result in audit.results:
        name, variants = result.scenario.name, [variant for variant, _ in measured_variants(result)]
        new = [variant for variant in variants if not ledger.has_variant(name, variant)]
        unjudged |= bool(new) and new == variants
        for variant in new:
            found.setdefault(variant, []).append(name)
    for variant, names in found.items():
        yield Remark(
            # Where all sizes of a scenario are new, nothing of it is held against anything.
            kind=RemarkKind.INCONCLUSIVE if unjudged else RemarkKind.NOTE,
            text=f"{variant} is new: the ledger holds nothing of this size for {counted(names, limit=3)}",
            next_step=_ACCEPT,
        )


def _vanished_counters(result: Result, table: Table, ledger: Ledger) -> Iterator[Remark]:
    """Say which accepted counters were not measured at all: work that vanishes silently is a finding."""
    # A part that does not occur is 0, and has a line of its own.
    spared = {metric.name for metric, _ in table} | {metric.name for metric in counted_metrics() if metric.is_parted}
    spared |= {exception.counter for exception in result.scenario.without}
    sections = {ledger.sections.of(metric) for metric in counted_metrics() if ledger.sections.may_gate(metric)}
    for section in sorted(sections):
        for metric in sorted(ledger.metrics(section=section, scenario=result.scenario.name) - spared):
            yield Remark(
                kind=RemarkKind.FAIL,
                scenario=result.scenario.name,
                text=f"{metric} was accepted ({section}) and was not measured this time",
                next_step=_ACCEPT,
            )
