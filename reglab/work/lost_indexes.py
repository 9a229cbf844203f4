"""Indexes that are gone behind statements that are sent as before: that fewer scans are counted is no improvement."""

from collections.abc import Iterator

from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.scans.unserved import WHOLE_TABLE
from reglab.metrics import METRICS
from reglab.project.orm.removed_indexes import has_index, removed_index
from reglab.report.records import Evidence, Measurement
from reglab.work.audit import Result
from reglab.work.counter_table import Table, measured_variants, statements_at
from reglab.work.ledger.ledger import Ledger


def lost_indexes(result: Result, table: Table, ledger: Ledger) -> dict[str, Evidence]:
    """Return the parts of `unindexed_scans` that are counted no more for want of an index, each with what it was.

    A walk over an index that a predicate could not enter was counted. Without that index the planner goes another way,
    through the rows of another table, and counts less: the statement is the same, and nothing serves it yet.
    """
    name = result.scenario.name
    variants = [variant for variant, _ in measured_variants(result)]
    accepted = {variant: set(ledger.statements(scenario=name, variant=variant)) for variant in variants}
    if not any(accepted.values()) or any(accepted[each] - statements_at(table, each).keys() for each in variants):
        return {}
    found: dict[str, Evidence] = {}
    for part in ledger.parts(scenario=name, metric=UNINDEXED_SCANS):
        scanned, _, columns = part.partition(": ")
        cells = table.get((UNINDEXED_SCANS, part), {})
        still = {variant for variant, cell in cells.items() if cell.value}
        if columns == WHOLE_TABLE or still or has_index(scanned, frozenset(columns.split(", "))):
            continue
        if index := removed_index(scanned):
            text = (
                f"the index of {scanned} on {index.index} is gone: the same statement is "
                f"served another way, and by no index on {columns}"
            )
            found[part] = Evidence(kind="hint", text=text, source=f"{index.path}:1", table=scanned)
    return found


def lost_index_lines(result: Result, lost: dict[str, Evidence]) -> Iterator[Measurement]:
    """Give each index that is gone once, by its table."""
    for evidence in {one.table: one for one in lost.values()}.values():
        yield Measurement(
            scenario=result.scenario.name,
            endpoint=result.endpoint,
            metric=METRICS["lost_conditions"],
            part=f"{evidence.table}: index",
            values=(1,),
            evidence=(evidence,),
        )
