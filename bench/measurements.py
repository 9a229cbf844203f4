"""From an audit and a ledger to the lines of a record."""

from collections.abc import Iterator

from bench.audit import Audit, Result
from bench.causes import by_growth, by_surplus
from bench.counters.scans import WHOLE_TABLE
from bench.growth import HELD_ON_UNRELATED_ROWS, Growth, growths
from bench.ledger import Entry, Ledger, key_of, section_of
from bench.tables import (
    NOT_RECORDED,
    PARTED,
    Cell,
    Quantity,
    Table,
    is_in_ledger,
    measured_variants,
    statements_at,
    table_of,
    totals,
)
from reports.metrics import METRICS
from reports.records import Evidence, Measurement, Remark, RemarkKind, Series

Line = Measurement | Series | Remark
_WITH_STATEMENTS = frozenset({"queries", "fingerprints", "repeats", "inserts"})
_ACCEPT = 'If it is meant, accept it: audit --accept "why".'
AUDIT = "audit"


def lines_of(audit: Audit, ledger: Ledger) -> Iterator[Line]:
    """Give every line that the audit has to say, in a fixed order: what is broken before what is counted."""
    tables = {result.scenario.name: table_of(result) for result in audit.results}
    yield from _coverage(audit)
    for result in audit.results:
        yield from _errors(result)
        yield from _statuses(result)
        yield from _contract(result)
    for result in audit.results:
        table = tables[result.scenario.name]
        yield from _counters(result, table, ledger)
        yield from _unstable(result, table)
        yield from _unseen(result)
        yield from _growth(audit, result, table)
    yield from _ledger_remarks(audit, tables, ledger)


def entries_of(audit: Audit) -> tuple[Entry, ...]:
    """Return what the ledger may hold: every stable, exact counter of every scenario that was measured."""
    return tuple(entry for result in audit.results for entry in _entries(result.scenario.name, table_of(result)))


def without_predicates_unserved(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Leave out scans that an index could end: a draft accepts what there is, but not these."""
    return tuple(
        entry
        for entry in entries
        if entry.metric != "unindexed_scans" or not entry.part or entry.part.endswith(WHOLE_TABLE)
    )


def statements_of(audit: Audit) -> dict[str, dict[str, dict[str, int]]]:
    """Return how often each statement ran, by scenario, statement and variant."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for result in audit.results:
        table = table_of(result)
        counts = {variant: statements_at(table, variant) for variant, _ in measured_variants(result)}
        texts = dict.fromkeys(text for by_text in counts.values() for text in by_text)
        found[result.scenario.name] = {
            text: {variant: by_text.get(text, 0) for variant, by_text in counts.items()} for text in texts
        }
    return found


def _entries(name: str, table: Table) -> Iterator[Entry]:
    for (metric, part), cells in table.items():
        if is_in_ledger(metric, part) and all(cell.is_stable for cell in cells.values()):
            yield Entry(
                section=section_of(metric),
                scenario=name,
                metric=metric,
                part=part,
                values={variant: cell.value for variant, cell in cells.items()},
            )


def _coverage(audit: Audit) -> Iterator[Line]:
    for endpoint in audit.coverage.uncovered:
        text = f"{endpoint.name} has neither a scenario nor a waiver in {audit.suite.path.name}"
        yield Measurement(
            scenario=AUDIT,
            endpoint=endpoint.name,
            metric="uncovered_endpoints",
            part=endpoint.name,
            values=(1,),
            evidence=(Evidence(kind="hint", text=text),),
        )
    if not audit.coverage.uncovered:
        yield Measurement(scenario=AUDIT, metric="uncovered_endpoints", values=(0,))
    for waiver in audit.coverage.idle_waivers:
        yield Remark(
            kind=RemarkKind.WARNING,
            text=f"the waiver of {waiver.endpoint} waives nothing: every such endpoint has a scenario, or is gone",
            next_step=f"Remove it from {audit.suite.path.name}.",
        )


def _errors(result: Result) -> Iterator[Line]:
    """Say for each point whether the scenario answered as declared; a scenario without points was never measured."""
    complaints = {
        variant: next((taking.complaint for taking in takings if taking.complaint), "")
        for variant, takings in result.takings.items()
    } or {"": "the scenario takes part at no point of any axis"}
    for variant, complaint in complaints.items():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric="audit_errors",
            variant=variant,
            values=(1 if complaint else 0,),
            evidence=(Evidence(kind="response", text=complaint),) if complaint else (),
        )


def _statuses(result: Result) -> Iterator[Line]:
    expected = result.scenario.all_steps[-1].status
    for variant, takings in result.takings.items():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric="status",
            variant=variant,
            values=(takings[-1].status,),
            accepted=expected,
        )


def _contract(result: Result) -> Iterator[Line]:
    """Give one measurement a breach, where it is first seen; 0 where the write-set was kept: silence is no pass."""
    seen: dict[tuple[str, str], Measurement] = {}
    for variant, takings in measured_variants(result):
        for breach in takings[0].breaches:
            part = f"{breach.table} {breach.verb}"
            line = Measurement(
                scenario=result.scenario.name,
                endpoint=result.endpoint,
                variant=variant,
                metric=breach.metric,
                part=part,
                values=(breach.rows,),
                evidence=breach.evidence,
            )
            seen.setdefault((breach.metric, part), line)
    yield from seen.values()
    for metric in ("writes_outside_contract", "writes_missing"):
        if not any(found == metric for found, _ in seen) and any(measured_variants(result)):
            yield Measurement(scenario=result.scenario.name, endpoint=result.endpoint, metric=metric, values=(0,))


def _counters(result: Result, table: Table, ledger: Ledger) -> Iterator[Line]:
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


def _unstable(result: Result, table: Table) -> Iterator[Line]:
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


def _unseen(result: Result) -> Iterator[Line]:
    """Pass on what the counters could not see or do, once a scenario."""
    said = [text for takings in result.takings.values() for taking in takings for text in taking.remarks]
    for text in dict.fromkeys(said):
        yield Remark(kind=RemarkKind.NOTE, scenario=result.scenario.name, text=text)


def _growth(audit: Audit, result: Result, table: Table) -> Iterator[Line]:
    axes = audit.suite.suite.axes
    for growth in growths(result.scenario, totals(table), points=audit.points, axes=axes):
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric="growth_exponent",
            part=f"{growth.metric} by {growth.axis}",
            variant="held" if growth.is_held else "free",
            values=(growth.exponent,),
            gates=growth.is_held,
            evidence=_growth_evidence(table, growth) if growth.is_held else (),
        )
        yield Series(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            name=growth.metric,
            x_unit=growth.axis,
            y_unit=METRICS[growth.metric].unit,
            points=growth.points,
        )


def _growth_evidence(table: Table, growth: Growth) -> tuple[Evidence, ...]:
    if growth.exponent == 0:
        return ()
    said = ", ".join(f"{value:,} at {size}" for size, value in growth.points)
    smallest, largest = growth.variants[0], growth.variants[-1]
    if growth.metric in HELD_ON_UNRELATED_ROWS:
        blamed = [*_at(table, "unindexed_scans", largest), *_at(table, "plan_rows", largest)]
    else:
        blamed = list(by_growth(_at(table, growth.metric, smallest), _at(table, growth.metric, largest)))
    return (*blamed, Evidence(kind="hint", text=f"{growth.metric} by {growth.axis}: {said}"))


def _at(table: Table, metric: str, variant: str) -> tuple[Evidence, ...]:
    """Return the evidence of all parts of a metric at a variant; scans of whole tables, which no index ends, last."""
    cells = [(part, cells[variant]) for (name, part), cells in table.items() if name == metric and variant in cells]
    cells.sort(key=lambda item: item[0].endswith(WHOLE_TABLE))
    return tuple(one for _, cell in cells for one in cell.evidence)


def _ledger_remarks(audit: Audit, tables: dict[str, Table], ledger: Ledger) -> Iterator[Line]:
    metrics = sorted({metric for table in tables.values() for metric, part in table if is_in_ledger(metric, part)})
    sections = {section_of(metric): metric for metric in reversed(metrics)}
    for section in sorted(sections):
        if not ledger.has_section(section):
            is_base = section == section_of("queries")
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


def _vanished_counters(result: Result, table: Table, ledger: Ledger, sections: dict[str, str]) -> Iterator[Line]:
    """Say which accepted counters were not measured at all: work that vanishes silently is a finding."""
    measured = {metric for metric, _ in table}
    for section in sorted(sections):
        for metric in sorted(ledger.metrics(section=section, scenario=result.scenario.name) - measured - PARTED):
            if not any(exception.counter == metric for exception in result.scenario.without):
                yield Remark(
                    kind=RemarkKind.FAIL,
                    scenario=result.scenario.name,
                    text=f"{metric} was accepted ({section}) and was not measured this time",
                    next_step=_ACCEPT,
                )
