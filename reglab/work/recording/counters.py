"""The counters of a scenario as lines of a record, each beside what the ledger accepts."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from reglab.counters.answers import ANSWER
from reglab.counters.calls import PYTHON_CALLS
from reglab.counters.digests import COLUMNS_CHANGED, WRITTEN_VALUES
from reglab.counters.engine.definition import CounterMetric
from reglab.counters.engine.registry import counted_metrics
from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.plans import BLOCKS_READ, PLAN_ROWS
from reglab.counters.response import PAGE_BYTES, RESPONSE_BYTES
from reglab.counters.rows import ROWS_READ
from reglab.counters.shown_values import SHOWN_VALUES
from reglab.metrics import METRICS
from reglab.project.endpoints.view_places import place_of_endpoint
from reglab.project.statement_clauses import locks_rows, reads_by_key
from reglab.project.test_environment import project_frames
from reglab.report.findings import counted
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind
from reglab.work.audit import Result
from reglab.work.called_functions import called_more, put_first
from reglab.work.changed_code import changed_code
from reglab.work.counter_table import Quantity, Table, is_in_ledger, is_recorded, measured_variants, statements_at
from reglab.work.evidence_ranking import by_new_plans, by_steepness, by_surplus
from reglab.work.ledger.ledger import Ledger
from reglab.work.lost_clauses import lost_condition_lines
from reglab.work.lost_indexes import lost_index_lines, lost_indexes
from reglab.work.recording.replaced_values import replaced_lines, shown_now
from reglab.work.stability import Stability

_OF_SCANS: Final = frozenset({ROWS_READ, PLAN_ROWS, BLOCKS_READ})
_OF_CONTENT: Final = frozenset({ANSWER, SHOWN_VALUES, WRITTEN_VALUES})
_OF_SIZE: Final = frozenset({RESPONSE_BYTES, PAGE_BYTES})
_WHOLE_TABLE: Final = " seq"


def counter_lines(result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement]:
    """Give every counter at every variant, also of parts that were accepted and did not occur."""
    known = {**table, **_vanished_parts(result, table, ledger)}
    lost = lost_indexes(result, table, ledger)
    more = called_more(table, ledger.functions(scenario=result.scenario.name))
    # In the place of what they are: each value of a page is recorded once.
    instead = {(line.part, line.variant): line for line in reversed([*replaced_lines(result, table, ledger)])}
    for quantity, cells in known.items():
        if not is_recorded(*quantity):
            continue
        smallest = min(cells.values(), key=lambda cell: cell.value, default=None)
        for measurement in cells.values():
            if measurement.metric is SHOWN_VALUES and (measurement.part, measurement.variant) in instead:
                yield instead[measurement.part, measurement.variant]
            elif measurement.metric is UNINDEXED_SCANS and measurement.part in lost:
                yield replace(measurement, gates=False, evidence=(lost[measurement.part],))
            elif smallest is not None and _is_of_functions(measurement):
                evidence = by_steepness(smallest.evidence, measurement.evidence)
                if measurement.metric is PYTHON_CALLS:
                    evidence = put_first(evidence, more)
                yield _beside_the_ledger(replace(measurement, evidence=evidence), table, ledger)
            else:
                held = _with_new_values(_beside_the_ledger(measurement, table, ledger), table, ledger)
                yield _with_code(held, table, ledger, more)
    yield from lost_condition_lines(result, table, ledger)
    yield from lost_index_lines(result, lost)


def _with_new_values(measurement: Measurement, table: Table, ledger: Ledger) -> Measurement:
    """Put before a page that is longer what it shows now: its own evidence is a number of bytes."""
    is_longer = measurement.accepted is not None and measurement.value > measurement.accepted
    if not (is_longer and measurement.metric in _OF_SIZE):
        return measurement
    shown = shown_now(measurement.scenario, measurement.variant, table, ledger)
    return replace(measurement, evidence=(*shown, *measurement.evidence))


def _with_code(measurement: Measurement, table: Table, ledger: Ledger, called_more: tuple[str, ...]) -> Measurement:
    """Put behind another answer, or other values, what may have made them: neither has a line of its own."""
    is_other = measurement.metric in _OF_CONTENT and measurement.accepted not in {None, *measurement.values}
    if not is_other:
        return measurement
    variant = measurement.variant
    accepted = ledger.statements(scenario=measurement.scenario, variant=variant)
    code = changed_code(table, variant, accepted=accepted, called_more=called_more)
    if not code and (place := place_of_endpoint(measurement.endpoint, project_frames())):
        # No statement and no call is new: what is there is done otherwise, by this or by what it calls.
        code = (Evidence(kind="hint", text="answered by", source=place),)
    return replace(measurement, evidence=(*measurement.evidence, *code))


def _is_of_functions(measurement: Measurement) -> bool:
    return bool(measurement.evidence) and measurement.evidence[0].kind == "call"


def _beside_the_ledger(measurement: Measurement, table: Table, ledger: Ledger) -> Measurement:
    metric, part, name = measurement.metric, measurement.part, measurement.scenario
    if not isinstance(metric, CounterMetric) or not is_in_ledger(metric, part):
        return replace(measurement, gates=False)
    evidence = measurement.evidence
    variant = measurement.variant
    is_of_plans = bool(evidence) and evidence[0].kind == "plan"
    if is_of_plans or metric.has_statements or metric.is_of_statements:
        statements = ledger.statements(scenario=name, variant=variant)
        evidence = (
            by_new_plans(evidence, statements)
            if is_of_plans
            else by_surplus(evidence, statements, sent=statements_at(table, variant))
        )
    if ledger.is_unstable(measurement) or not ledger.knows(name, metric) or not ledger.has_variant(name, variant):
        return replace(measurement, gates=False, evidence=evidence)
    if metric in _OF_SCANS and _is_read_by_key_as_before(measurement, table, ledger):
        # Of few rows the planner reads all for one, or goes by the key, as a LIMIT or an order has it.
        return replace(measurement, gates=False, evidence=evidence)
    accepted = ledger.accepted(measurement)
    if metric.is_held_on_both_sides and (not accepted or not measurement.value):
        return replace(measurement, gates=False, evidence=evidence)
    if metric is BLOCKS_READ and accepted is not None and _is_one_level_deeper(measurement, accepted, table, ledger):
        return replace(measurement, gates=False, evidence=evidence)
    if accepted is None and (part or metric.is_parted):
        # What was accepted had no such part: as much as none of it.
        accepted = 0
        evidence = (*_columns_left_out(measurement, ledger), *evidence)
    return replace(measurement, accepted=accepted, evidence=evidence)


def _is_one_level_deeper(measurement: Measurement, accepted: float, table: Table, ledger: Ledger) -> bool:
    """Tell whether the accepted statements read at most a block more each: an index has grown by a level.

    A new index does that to the others, where rows were written with it: a row that is changed stands in each twice.
    """
    name, variant = measurement.scenario, measurement.variant
    sent = Tally(statements_at(table, variant))
    is_alike = sent == Tally(ledger.statements(scenario=name, variant=variant))
    return is_alike and 0 < measurement.value - accepted <= sent.total()


def _is_read_by_key_as_before(measurement: Measurement, table: Table, ledger: Ledger) -> bool:
    """Tell whether all that differs from the accepted statements are as many others that ask for one row by its key."""
    if measurement.metric is ROWS_READ and not measurement.part.endswith(_WHOLE_TABLE):
        return False
    accepted = Tally(ledger.statements(scenario=measurement.scenario, variant=measurement.variant))
    sent = Tally(statements_at(table, measurement.variant))
    new, gone = sent - accepted, accepted - sent
    is_locked = {locks_rows(text) for text in (*new, *gone)}
    is_alike = new.total() == gone.total() and len(is_locked) == 1
    return is_alike and all(reads_by_key(text) for text in (*new, *gone))


def _columns_left_out(measurement: Measurement, ledger: Ledger) -> Iterator[Evidence]:
    """Name the columns of an accepted write that this one, which is the same otherwise, leaves as they were."""
    if measurement.metric is not COLUMNS_CHANGED:
        return
    table, _, columns = measurement.part.partition(": ")
    for part in ledger.parts(scenario=measurement.scenario, metric=COLUMNS_CHANGED):
        other, _, accepted = part.partition(": ")
        left_out = sorted(set(accepted.split(", ")) - set(columns.split(", ")))
        if other == table and left_out and set(columns.split(", ")) < set(accepted.split(", ")):
            yield Evidence(kind="hint", text=f"{', '.join(left_out)} of {table} no longer changes", table=table)
            return


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
        if metric.is_parted and not metric.is_held_on_both_sides and metric.name not in left_out
        for part in ledger.parts(scenario=result.scenario.name, metric=metric)
        if (metric, part) not in table
    }


def unstable_lines(
    result: Result, table: Table, ledger: Ledger, stability: Stability
) -> Iterator[Measurement | Remark]:
    """Say how many counters disagree with themselves beyond the tolerance of their rule, and which."""
    unstable = {
        quantity: {variant: cell for variant, cell in cells.items() if not stability.is_stable(cell)}
        for quantity, cells in table.items()
        if is_in_ledger(*quantity) and not any(ledger.is_unstable(cell) for cell in cells.values())
    }
    unstable = {quantity: cells for quantity, cells in unstable.items() if cells}
    yield Measurement(
        scenario=result.scenario.name,
        endpoint=result.endpoint,
        metric=METRICS["unstable_counters"],
        values=(len(unstable),),
        gates=False,
        evidence=tuple(_disagreement(quantity, cells) for quantity, cells in unstable.items()),
    )
    if named := [f"{metric.name} {part}".strip() for metric, part in _accepted_as_unstable(table, ledger)]:
        yield Remark(
            kind=RemarkKind.NOTE,
            scenario=result.scenario.name,
            text=f"unstable by the ledger, and not judged: {counted(named)}",
        )


def _disagreement(quantity: Quantity, cells: Mapping[str, Measurement]) -> Evidence:
    """Return what a counter was each time, and the first line of the project that it counted at."""
    metric, part = quantity
    seen = "; ".join(f"{' and '.join(map(str, cell.values))} at {variant}" for variant, cell in cells.items())
    sources = (each.source for cell in cells.values() for each in cell.evidence if each.source)
    return Evidence(kind="hint", text=f"{metric.name} {part}".strip() + f": {seen}", source=next(sources, ""))


def _accepted_as_unstable(table: Table, ledger: Ledger) -> list[Quantity]:
    return [quantity for quantity, cells in table.items() if any(ledger.is_unstable(cell) for cell in cells.values())]


def unseen_remarks(result: Result) -> Iterator[Remark]:
    """Pass on what the counters could not see or do, once a scenario."""
    said = [text for takings in result.takings.values() for taking in takings for text in taking.remarks]
    for text in dict.fromkeys(said):
        yield Remark(kind=RemarkKind.NOTE, scenario=result.scenario.name, text=text)
