"""Values of a page that another expression shows now: a renamed variable shows the same, a wrong one does not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from reglab.counters.shown_values import SHOWN_VALUES
from reglab.report.records import Evidence, Measurement
from reglab.work.audit import Result
from reglab.work.counter_table import Table
from reglab.work.ledger.ledger import Ledger

_TEMPLATE: Final = ": "
_NEW_TOLD: Final = 3
Cells = Mapping[str, Measurement]
Accepted = dict[str, int]
"""Accepted checksums of one part, by variant."""


def replaced_lines(result: Result, table: Table, ledger: Ledger) -> Iterator[Measurement]:
    """Hold what a new expression shows against what a vanished one of the same template showed, if nothing shows that.

    An expression that is gone, and one that is new, are no finding by themselves: a page may show less, or more.
    """
    name = result.scenario.name
    new = _new(name, table, ledger)
    gone = {
        part: _accepted(part, cells=next(iter(new.values())), ledger=ledger)
        for part in ledger.parts(scenario=name, metric=SHOWN_VALUES)
        if new and (SHOWN_VALUES, part) not in table
    }
    for old, accepted in gone.items():
        if any(_shows(cells, accepted) for cells in new.values()):
            continue
        other = next((part for part in new if part.partition(_TEMPLATE)[0] == old.partition(_TEMPLATE)[0]), None)
        if other is not None:
            yield from _instead(new[other], old=old, accepted=accepted)


def shown_now(scenario: str, variant: str, table: Table, ledger: Ledger) -> tuple[Evidence, ...]:
    """Return what a page shows at a variant that was shown nowhere before, with the lines of the template."""
    cells = (cells.get(variant) for _, cells in sorted(_new(scenario, table, ledger).items()))
    found = (cell.evidence[0] for cell in cells if cell is not None and cell.value and cell.evidence)
    return tuple(replace(one, kind="hint", text=f"shown now, {one.text}") for one in islice(found, _NEW_TOLD))


def _new(scenario: str, table: Table, ledger: Ledger) -> dict[str, Cells]:
    known = ledger.parts(scenario=scenario, metric=SHOWN_VALUES)
    return {part: cells for (metric, part), cells in table.items() if metric is SHOWN_VALUES and part not in known}


def _accepted(part: str, *, cells: Cells, ledger: Ledger) -> Accepted:
    held = {variant: ledger.accepted(replace(cell, part=part)) for variant, cell in cells.items()}
    return {variant: value for variant, value in held.items() if value}


def _shows(cells: Cells, accepted: Accepted) -> bool:
    return all(variant not in accepted or cell.value == accepted[variant] for variant, cell in cells.items())


def _instead(cells: Cells, *, old: str, accepted: Accepted) -> Iterator[Measurement]:
    for variant, cell in cells.items():
        if variant in accepted and cell.value:
            hint = Evidence(kind="hint", text=f"{old.partition(_TEMPLATE)[2]} is not shown any more")
            yield replace(cell, accepted=accepted[variant], gates=True, evidence=(*cell.evidence, hint))
