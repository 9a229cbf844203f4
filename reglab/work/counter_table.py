"""The counters of one scenario as a table: by metric and part, then by variant, with what the takings agree on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reglab.metrics import METRICS, Assumption
from reglab.report.records import Evidence
from reglab.work.audit import Result, Taking
from reglab.work.evidence_ranking import Statements, statement_counts

Quantity = tuple[str, str]
# Judged by rules of their own, or advice: no ledger holds them.
# The declared status has a line of its own; where a new row lands depends on what other rows have left behind.
NOT_RECORDED = frozenset({("status", ""), ("objects_kept", ""), ("blocks_read", "writes")})
# Counted by table or field: one that does not occur is 0.
PARTED = frozenset({"rows_read", "rows_written", "rows_changed", "columns_changed", "unindexed_scans", "answer"})
# No amount that could grow with the data: a checksum, a code, and what has to be 0.
_NO_AMOUNTS = frozenset({"answer", "status", "objects_kept"})
_NOT_IN_LEDGER = frozenset({"transaction_statements", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One counter at one variant: the value of each taking, and the evidence of the first."""

    values: tuple[int, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def value(self) -> int:
        """The first taking's value."""
        return self.values[0]

    @property
    def is_stable(self) -> bool:
        """Whether every taking found the same."""
        return len(set(self.values)) == 1


Table = Mapping[Quantity, Mapping[str, Cell]]


def table_of(result: Result) -> Table:
    """Lay out a scenario's counters. A part that did not occur at a variant ("orders_order update") is 0 there."""
    measured = dict(measured_variants(result))
    quantities = dict.fromkeys(
        (count.metric, count.part) for takings in measured.values() for taking in takings for count in taking.counts
    )
    return {
        quantity: {
            variant: _cell(takings, quantity)
            for variant, takings in measured.items()
            if quantity[0] in PARTED or _occurs(takings, quantity)
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
    cell = table.get(("queries", ""), {}).get(variant)
    return statement_counts(cell.evidence) if cell else {}


def totals(table: Table) -> dict[str, dict[str, int]]:
    """Sum each stable exact counter over its parts, by metric and variant."""
    found: dict[str, dict[str, int]] = {}
    for (metric, _), cells in table.items():
        if METRICS[metric].assumption is Assumption.EXACT and metric not in _NO_AMOUNTS:
            for variant, cell in cells.items():
                by_variant = found.setdefault(metric, {})
                by_variant[variant] = by_variant.get(variant, 0) + cell.value
    return found


def is_in_ledger(metric: str, part: str) -> bool:
    """Tell whether a counter is one that somebody has to accept."""
    return (
        metric not in _NOT_IN_LEDGER
        and (metric, part) not in NOT_RECORDED
        and METRICS[metric].assumption is Assumption.EXACT
    )


def _occurs(takings: Sequence[Taking], quantity: Quantity) -> bool:
    return any((count.metric, count.part) == quantity for taking in takings for count in taking.counts)


def _cell(takings: Sequence[Taking], quantity: Quantity) -> Cell:
    found = [
        next((count for count in taking.counts if (count.metric, count.part) == quantity), None) for taking in takings
    ]
    return Cell(
        values=tuple(count.value if count else 0 for count in found),
        evidence=next((count.evidence for count in found if count), ()),
    )
