"""From an audit and a ledger to the lines of a record."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reglab.config.suite import SuiteFile
from reglab.counters.engine.definition import CounterMetric
from reglab.counters.engine.write_sets import Breach
from reglab.counters.memory_leaks import OBJECTS_KEPT
from reglab.counters.response import STATUS
from reglab.metrics import METRICS
from reglab.project.proposals.lines_to_add import scenario_to_add, writes_to_add
from reglab.report.findings import counted, plural
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind, Series
from reglab.work.audit import Audit, Result
from reglab.work.counter_table import measured_variants, table_of
from reglab.work.evidence_ranking import by_new_writers
from reglab.work.ledger.known_problems import KnownProblems
from reglab.work.ledger.ledger import Ledger
from reglab.work.recording.counters import counter_lines, unseen_remarks, unstable_lines
from reglab.work.recording.growth import growth_lines
from reglab.work.recording.ledger import ledger_remarks
from reglab.work.stability import Stability

Line = Measurement | Series | Remark
AUDIT = "audit"


def lines_of(
    audit: Audit, ledger: Ledger, *, stability: Stability, known: KnownProblems | None = None
) -> Iterator[Line]:
    """Give every line that the audit has to say, in a fixed order: what is broken before what is counted.

    What is known, and no worse than it was, is a note.
    """
    others = audit.suite.other_sizes
    for line in _all_lines(audit, ledger, stability):
        if isinstance(line, Measurement) and line.variant in others and isinstance(line.metric, CounterMetric):
            yield replace(line, accepted=None, gates=False)
        elif (
            known is not None
            and isinstance(line, Measurement)
            and line.gates
            and known.covers(line, at_other_sizes=bool(others))
        ):
            yield replace(line, gates=False)
        else:
            yield line


def _all_lines(audit: Audit, ledger: Ledger, stability: Stability) -> Iterator[Line]:
    tables = {result.scenario.name: table_of(result) for result in audit.results}
    yield from _coverage(audit)
    yield from _proposed(audit)
    for result in audit.results:
        yield from _errors(result)
        yield from _statuses(result)
        yield from _contract(result, audit.suite, ledger)
    for result in audit.results:
        table = tables[result.scenario.name]
        yield from counter_lines(result, table, ledger)
        yield from unstable_lines(result, table, ledger, stability)
        yield from unseen_remarks(result)
        yield from growth_lines(audit, result, table, ledger)
        yield from _retention(result)
    yield from ledger_remarks(audit, tables, ledger)


def _coverage(audit: Audit) -> Iterator[Line]:
    for endpoint in audit.coverage.uncovered:
        text = f"{endpoint.name} has neither a scenario nor a waiver in {audit.suite.path.name}"
        yield Measurement(
            scenario=AUDIT,
            endpoint=endpoint.name,
            metric=METRICS["uncovered_endpoints"],
            part=endpoint.name,
            values=(1,),
            evidence=(
                Evidence(kind="hint", text=text),
                Evidence(kind="hint", text=scenario_to_add(audit.suite, endpoint, audit.coverage)),
            ),
        )
    if not audit.coverage.uncovered:
        yield Measurement(scenario=AUDIT, metric=METRICS["uncovered_endpoints"], values=(0,))
    for waiver in audit.coverage.idle_waivers:
        yield Remark(
            kind=RemarkKind.WARNING,
            text=f"the waiver of {waiver.endpoint} waives nothing: every such endpoint has a scenario, or is gone",
            next_step=f"Remove it from {audit.suite.path.name}.",
        )


def _proposed(audit: Audit) -> Iterator[Remark]:
    """Say how many write-sets nobody has reviewed: one line, not one a scenario."""
    names = [one.scenario.name for one in audit.results if one.scenario.proposed]
    if names:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{plural(len(names), 'write-set')} proposed, as a draft saw them: {counted(names, limit=3)}",
            next_step="Review each, and remove the word `proposed`: from then on it gates.",
        )


def _errors(result: Result) -> Iterator[Line]:
    """Say for each point whether the scenario answered as declared; a scenario without points was never measured."""
    complaints = {
        variant: next(((taking.complaint, taking.raised_at) for taking in takings if taking.complaint), ("", ()))
        for variant, takings in result.takings.items()
    } or {"": ("the scenario takes part at no point of any axis", ())}
    for variant, (complaint, places) in complaints.items():
        evidence = Evidence(kind="response", text=complaint, source=next(iter(places), ""), frames=places[1:])
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["audit_errors"],
            variant=variant,
            values=(1 if complaint else 0,),
            evidence=(evidence,) if complaint else (),
        )


def _statuses(result: Result) -> Iterator[Line]:
    expected = result.scenario.all_steps[-1].status
    for variant, takings in result.takings.items():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=STATUS,
            variant=variant,
            values=(takings[-1].status,),
            accepted=expected,
        )


def _retention(result: Result) -> Iterator[Line]:
    """Give what stayed in memory where it was looked for; judged as it is, for nobody accepts a leak by number."""
    for variant, takings in measured_variants(result):
        for count in takings[0].counts:
            if count.metric is OBJECTS_KEPT:
                yield Measurement(
                    scenario=result.scenario.name,
                    endpoint=result.endpoint,
                    metric=count.metric,
                    variant=variant,
                    values=count.values,
                    evidence=count.evidence,
                )


def _what_to_add(result: Result, breach: Breach, file: SuiteFile) -> Iterator[Evidence]:
    """Give the line that a write-set lacks altogether; a write-set that says something else was somebody's decision."""
    if breach.metric == "writes_outside_contract" and breach.table not in result.scenario.writes:
        text = writes_to_add(
            file,
            result.scenario,
            table=breach.table,
            verb=breach.verb,
            rows=_rows_at_all_sizes(result, breach),
            columns=breach.columns,
        )
        yield Evidence(kind="hint", text=text)


def _rows_at_all_sizes(result: Result, breach: Breach) -> list[int]:
    """Return how many rows a breach is about at each size; at one that has none of the kind, 0."""
    return [
        next((one.rows for one in takings[0].breaches if (one.table, one.verb) == (breach.table, breach.verb)), 0)
        for _, takings in measured_variants(result)
    ]


def _contract(result: Result, file: SuiteFile, ledger: Ledger) -> Iterator[Line]:
    """Give one measurement a breach, where it is first seen; 0 where the write-set was kept: silence is no pass."""
    seen: dict[tuple[str, str], Measurement] = {}
    for variant, takings in measured_variants(result):
        for breach in takings[0].breaches:
            part = f"{breach.table} {breach.verb}"
            accepted = ledger.statements(scenario=result.scenario.name, variant=variant)
            line = Measurement(
                scenario=result.scenario.name,
                endpoint=result.endpoint,
                variant=variant,
                metric=METRICS[breach.metric],
                part=part,
                values=(breach.rows,),
                evidence=(*by_new_writers(breach.evidence, accepted), *_what_to_add(result, breach, file)),
                # What nobody has reviewed yet decides nothing; the ledger's own counts of rows do. Whoever saves a
                # whole row writes a column that is new as well.
                gates=not (result.scenario.proposed or (breach.is_idle and _is_of_new_columns(breach, accepted))),
            )
            seen.setdefault((breach.metric, part), line)
    yield from seen.values()
    for metric in ("writes_outside_contract", "writes_missing"):
        if not any(found == metric for found, _ in seen) and any(measured_variants(result)):
            yield Measurement(
                scenario=result.scenario.name, endpoint=result.endpoint, metric=METRICS[metric], values=(0,)
            )


def _is_of_new_columns(breach: Breach, accepted: Iterable[str]) -> bool:
    """Tell whether the accepted statements know the breach's table, and none of its columns."""
    about = [text for text in accepted if f'"{breach.table}"."' in text]
    names = [f'"{breach.table}"."{column}"' for column in breach.columns.split(", ")]
    return bool(about) and not any(name in text for name in names for text in about)
