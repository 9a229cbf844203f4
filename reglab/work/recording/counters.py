"""The counters of a scenario as lines of a record, each beside what the ledger accepts."""

from collections.abc import Iterator

from reglab.report.records import Measurement, Remark, RemarkKind
from reglab.work.audit import Result
from reglab.work.counter_table import NOT_RECORDED, PARTED, Cell, Quantity, Table, is_in_ledger, measured_variants
from reglab.work.evidence_ranking import by_surplus
from reglab.work.ledger import Ledger, key_of, section_of

_WITH_STATEMENTS = frozenset({"queries", "fingerprints", "repeats", "inserts"})


def counter_lines(result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement]:
    """Give every counter at every variant, also of parts that were accepted and did not occur."""
    known = {**table, **_vanished_parts(result, table, ledger)}
    for quantity, cells in known.items():
        if quantity in NOT_RECORDED:
            continue
        for variant, cell in cells.items():
            yield _counter(result, quantity, variant, cell, ledger)


def _counter(result: Result, quantity: Quantity, variant: str, cell: Cell, ledger: Ledger) -> Measurement:
    metric, part = quantity
    name = result.scenario.name
    section = section_of(metric)
    evidence = cell.evidence
    if metric in _WITH_STATEMENTS:
        evidence = by_surplus(evidence, ledger.statements(scenario=name, variant=variant))
    accepted = ledger.accepted(section=section, key=key_of(name, metric, part), variant=variant)
    if accepted is None and part and ledger.has_scenario(section, name):
        # What was accepted had no such part: as much as none of it.
        accepted = 0
    return Measurement(
        scenario=name,
        endpoint=result.endpoint,
        metric=metric,
        part=part,
        variant=variant,
        values=(cell.value,),
        accepted=accepted if is_in_ledger(metric, part) else None,
        gates=cell.is_stable and is_in_ledger(metric, part) and _is_known(ledger, section),
        evidence=evidence,
    )


def _vanished_parts(result: Result, table: Table, ledger: Ledger) -> dict[Quantity, dict[str, Cell]]:
    """Return parts that were accepted and did not occur: a table that is no longer read or written counts as 0."""
    variants = [variant for variant, _ in measured_variants(result)]
    left_out = {exception.counter for exception in result.scenario.without}
    return {
        (metric, part): {variant: Cell(values=(0,)) for variant in variants}
        for metric in PARTED
        for part in ledger.parts(section=section_of(metric), scenario=result.scenario.name, metric=metric)
        if (metric, part) not in table and metric not in left_out
    }


def _is_known(ledger: Ledger, section: str) -> bool:
    """Without a section for this database or interpreter a counter is a note; the missing section is a finding."""
    return ledger.has_section(section)


def unstable_lines(result: Result, table: Table) -> Iterator[Measurement | Remark]:
    """Say how many counters disagree with themselves, and which."""
    unstable = {
        quantity: {variant: cell for variant, cell in cells.items() if not cell.is_stable}
        for quantity, cells in table.items()
        if is_in_ledger(*quantity) and not all(cell.is_stable for cell in cells.values())
    }
    yield Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric="unstable_counters",
        values=(len(unstable),),
        gates=False,
    )
    for (metric, part), cells in unstable.items():
        seen = "; ".join(f"{' and '.join(map(str, cell.values))} at {variant}" for variant, cell in cells.items())
        yield Remark(
            kind=RemarkKind.WARNING,
            scenario=result.scenario.name,
            text=f"{metric} {part}".strip() + f" disagrees with itself within one audit ({seen}): it gates nothing",
            next_step="Make the scenario deterministic, or leave the counter out with a reason (`without`).",
        )


def unseen_remarks(result: Result) -> Iterator[Remark]:
    """Pass on what the counters could not see or do, once a scenario."""
    said = [text for takings in result.takings.values() for taking in takings for text in taking.remarks]
    for text in dict.fromkeys(said):
        yield Remark(kind=RemarkKind.NOTE, scenario=result.scenario.name, text=text)
