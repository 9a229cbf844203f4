"""Statements that a request costs its caller: those that prove and permit, beside those of the view."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from reglab.access.audit import Access
from reglab.access.matrix import FINGERPRINT_CHARACTERS, Matrix
from reglab.counters.queries import StatementGroup
from reglab.metrics import METRICS
from reglab.report.records import Measurement

Known = Callable[[str], Mapping[str, int]]


def caller_costs(found: Access, matrix: Matrix, known: Known) -> Iterator[Measurement]:
    """Give each request that costs a caller more statements than accepted, those that are new first.

    What the ledger accepts is the view's own, and judged there: here is what proves and permits the caller.
    """
    more = False
    endpoints = {cell.scenario: cell.endpoint for cell in found.cells}
    for caller, by_scenario in found.statements.items():
        for scenario, groups in by_scenario.items():
            # An answer that has changed is told as such.
            if caller not in matrix.statements or not _is_as_accepted(found, matrix, scenario, caller):
                continue
            accepted = matrix.statements[caller].get(scenario, ())
            surplus = sum(group.count for group in groups) - len(accepted)
            new = _new(groups, accepted, known(scenario))
            if surplus > 0 and new:
                more = True
                yield Measurement(
                    scenario=scenario,
                    endpoint=endpoints.get(scenario, ""),
                    metric=METRICS["caller_queries"],
                    part=caller,
                    values=(surplus,),
                    evidence=tuple(group.evidence() for group in (*new, *(one for one in groups if one not in new))),
                )
    if not more:
        yield Measurement(scenario="(matrix)", metric=METRICS["caller_queries"], values=(0,))


def _is_as_accepted(found: Access, matrix: Matrix, scenario: str, caller: str) -> bool:
    return any(
        cell.scenario == scenario and cell.caller == caller and cell.answer == matrix.accepted(scenario, caller)
        for cell in found.cells
    )


def _new(groups: Sequence[StatementGroup], accepted: Sequence[str], known: Mapping[str, int]) -> list[StatementGroup]:
    """Return the statements that were sent more often than the matrix accepts, and the ledger."""
    before = Counter(accepted)
    return [
        group
        for group in groups
        if group.count > before[group.shape.fingerprint[:FINGERPRINT_CHARACTERS]]
        and group.count > known.get(group.evidence().text, 0)
    ]
