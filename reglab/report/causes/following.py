"""Findings that follow others of their scenario: costs their cause, and what got better what got worse."""

from collections.abc import Mapping, Sequence
from typing import Final

from reglab.report.causes.anchors import scenario_of
from reglab.report.causes.cause import list_of
from reglab.report.concerns import Concern
from reglab.report.findings import Finding

_COSTS: Final = frozenset({Concern.COST_GROWTH, Concern.INDEXES, Concern.ROWS})
_OF_STATEMENTS: Final = _COSTS | {Concern.GROWTH, Concern.STATEMENTS}

WORK: Final = "work"

Groups = list[tuple[list[Finding], list[Finding]]]
"""Findings of a cause: its own, and what they cost elsewhere."""
Drivers = dict[tuple[object, ...], dict[Concern, list[Finding]]]
"""Findings that explain others, by what they share and by their concern."""


def following(groups: list[list[Finding]]) -> Groups:
    """Put what another group of the same scenario explains behind that group's own findings: costs follow their cause.

    Findings move one by one, for a group may reach over scenarios of which only some have another cause.
    """
    drivers: Drivers = {}
    listing = {scenario_of(each): group for group in groups for each in group if list_of(each)}
    for group in sorted(groups, key=lambda each: min(found.concern.rank for found in each)):
        for finding in group:
            drivers.setdefault((*scenario_of(finding), finding.is_better), {}).setdefault(finding.concern, group)
            if finding.endpoint and not finding.is_better:
                drivers.setdefault(_endpoint_of(finding), {}).setdefault(finding.concern, group)
    own: dict[int, list[Finding]] = {id(group): [] for group in groups}
    costs: dict[int, list[Finding]] = {id(group): [] for group in groups}
    drawn: dict[int, int] = {}
    for group in groups:
        for finding in group:
            listed = _listing(finding, listing)
            driver = (listed if finding.is_better else None) or _driver(finding, drivers) or listed or group
            (own if driver is group else costs)[id(driver)].append(finding)
            if driver is not group:
                drawn.setdefault(id(group), id(driver))
    for group in groups:
        # Where all of a group's own has moved on, what was put behind it goes the same way.
        if not own[id(group)] and costs[id(group)] and (end := _end_of(id(group), drawn, own)) != id(group):
            costs[end] += costs.pop(id(group))
            costs[id(group)] = []
    both = [(own[id(group)], costs[id(group)]) for group in groups]
    return [(kept or moved, moved if kept else []) for kept, moved in both if kept or moved]


def other_sides(groups: Groups) -> Groups:
    """Put what got better at a table behind what got worse at it: rows that are read elsewhere, or otherwise."""
    worse = [(own, costs, _tables(own)) for own, costs in groups if not _is_better(own)]
    kept = [(own, costs) for own, costs, _ in worse]
    for own, costs in groups:
        if not _is_better(own):
            continue
        tables = _tables(own)
        behind = next((theirs for _, theirs, those in worse if tables and those & tables), None)
        if behind is None:
            kept.append((own, costs))
        else:
            behind.extend([*own, *costs])
    return kept


def _is_better(findings: Sequence[Finding]) -> bool:
    return all(each.is_better for each in findings)


def _tables(findings: Sequence[Finding]) -> set[str]:
    """Return the tables that findings about statements and their rows are about."""
    about = (each for each in findings if each.concern in _OF_STATEMENTS and each.instrument == WORK)
    found = {
        each.evidence[0].table if each.evidence and each.evidence[0].table else each.part.split(" ")[0].rstrip(":")
        for each in about
    }
    return found - {"", "reads"}


def _end_of(start: int, drawn: Mapping[int, int], own: Mapping[int, list[Finding]]) -> int:
    """Follow groups that kept nothing to the first that did; where none did, the way goes round, stay at `start`."""
    seen = {start}
    here = start
    while not own[here]:
        here = drawn.get(here, here)
        if here in seen:
            return start
        seen.add(here)
    return here


def _listing(finding: Finding, listing: dict[tuple[object, ...], list[Finding]]) -> list[Finding] | None:
    """Return the group of an answer with longer or shorter lists: other rows were fetched for it, or nothing to count.

    What got better there belongs to it as well: an answer of fewer entries costs less.
    """
    is_its_cost = finding.concern in {Concern.ROWS, Concern.TIME} or finding.is_better
    return listing.get(scenario_of(finding)) if is_its_cost else None


def _driver(finding: Finding, drivers: Drivers) -> list[Finding] | None:
    """Return the group that explains a finding. What got better on the way to something worse belongs to that."""
    worse = drivers.get((*scenario_of(finding), False), {})
    if finding.is_better:
        better = drivers.get((*scenario_of(finding), True), {})
        # What is no longer done here is done elsewhere: in a thread that nothing counts, or for other rows.
        elsewhere = _worst(drivers.get(_endpoint_of(finding), {}))
        return _first_of(worse, (finding.concern, *finding.concern.follows)) or elsewhere or _followed(finding, better)
    if finding.instrument == "compare" and finding.concern is Concern.TIME:
        # A comparison names no line of its own: what the audit of work found there is why it is slower.
        return _followed(finding, worse) or _worst(drivers.get((WORK, *scenario_of(finding)[1:], False), {}))
    return _followed(finding, worse)


def _followed(finding: Finding, there: Mapping[Concern, list[Finding]]) -> list[Finding] | None:
    return _first_of(there, finding.concern.follows)


def _first_of(there: Mapping[Concern, list[Finding]], concerns: Sequence[Concern]) -> list[Finding] | None:
    return next((there[concern] for concern in concerns if concern in there), None)


def _worst(there: Mapping[Concern, list[Finding]]) -> list[Finding] | None:
    return there[min(there, key=lambda each: each.rank)] if there else None


def _endpoint_of(finding: Finding) -> tuple[object, ...]:
    return ("endpoint", finding.instrument, finding.endpoint, finding.outcome)
