"""The counters of a scenario as lines of a record, each beside what the ledger accepts."""

from collections.abc import Iterator
from dataclasses import replace

from reglab.counters.definition import CounterMetric
from reglab.counters.registry import counted_metrics
from reglab.metrics import METRICS
from reglab.report.records import Measurement, Remark, RemarkKind
from reglab.work.audit import Result
from reglab.work.counter_table import Quantity, Table, is_in_ledger, is_recorded, measured_variants
from reglab.work.evidence_ranking import by_surplus
from reglab.work.ledger import Ledger, key_of, section_of


def counter_lines(result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement]:
    """Give every counter at every variant, also of parts that were accepted and did not occur."""
    known = {**table, **_vanished_parts(result, table, ledger)}
    for quantity, cells in known.items():
        if not is_recorded(*quantity):
            continue
        for measurement in cells.values():
            yield _beside_the_ledger(measurement, ledger)


def _beside_the_ledger(measurement: Measurement, ledger: Ledger) -> Measurement:
    metric, part, name = measurement.metric, measurement.part, measurement.scenario
    if not isinstance(metric, CounterMetric) or not is_in_ledger(metric, part):
        return replace(measurement, gates=False)
    section = section_of(metric)
    evidence = measurement.evidence
    if metric.has_statements:
        evidence = by_surplus(evidence, ledger.statements(scenario=name, variant=measurement.variant))
    accepted = ledger.accepted(section=section, key=key_of(name, metric.name, part), variant=measurement.variant)
    if accepted is None and part and ledger.has_scenario(section, name):
        # What was accepted had no such part: as much as none of it.
        accepted = 0
    gates = measurement.is_constant and _is_known(ledger, section)
    return replace(measurement, accepted=accepted, gates=gates, evidence=evidence)


def _vanished_parts(result: Result, table: Table, ledger: Ledger) -> dict[Quantity, dict[str, Measurement]]:
    """Return parts that were accepted and did not occur: a table that is no longer read or written counts as 0."""
    variants = [variant for variant, _ in measured_variants(result)]
    left_out = {exception.counter for exception in result.scenario.without}
    return {
        (metric, part): {
            variant: Measurement(
                scenario=result.scenario.name,
                endpoint=result.endpoint,
                metric=metric,
                part=part,
                variant=variant,
                values=(0,),
            )
            for variant in variants
        }
        for metric in counted_metrics()
        if metric.is_parted and metric.name not in left_out
        for part in ledger.parts(section=section_of(metric), scenario=result.scenario.name, metric=metric.name)
        if (metric, part) not in table
    }


def _is_known(ledger: Ledger, section: str) -> bool:
    """Without a section for this database or interpreter a counter is a note; the missing section is a finding."""
    return ledger.has_section(section)


def unstable_lines(result: Result, table: Table) -> Iterator[Measurement | Remark]:
    """Say how many counters disagree with themselves, and which."""
    unstable = {
        quantity: {variant: cell for variant, cell in cells.items() if not cell.is_constant}
        for quantity, cells in table.items()
        if is_in_ledger(*quantity) and not all(cell.is_constant for cell in cells.values())
    }
    yield Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=METRICS["unstable_counters"],
        values=(len(unstable),),
        gates=False,
    )
    for (metric, part), cells in unstable.items():
        seen = "; ".join(f"{' and '.join(map(str, cell.values))} at {variant}" for variant, cell in cells.items())
        yield Remark(
            kind=RemarkKind.WARNING,
            scenario=result.scenario.name,
            text=f"{metric.name} {part}".strip()
            + f" disagrees with itself within one audit ({seen}): it gates nothing",
            next_step="Make the scenario deterministic, or leave the counter out with a reason (`without`).",
        )


def unseen_remarks(result: Result) -> Iterator[Remark]:
    """Pass on what the counters could not see or do, once a scenario."""
    said = [text for takings in result.takings.values() for taking in takings for text in taking.remarks]
    for text in dict.fromkeys(said):
        yield Remark(kind=RemarkKind.NOTE, scenario=result.scenario.name, text=text)
