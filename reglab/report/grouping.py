"""Groups the open findings of a verdict by what explains them, in the order of blame."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from reglab.report.causes import Cause, Place, list_of, place_of_finding
from reglab.report.concerns import Concern
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence

_DELETION: Final = " delete"
# Behind a number: "514 bytes (+10)".
_CHANGE: Final = re.compile(r"\([^\d)][\d,.]+\)")
_FIELD: Final = re.compile(r"^([\w.\[\]]+):")
_FIELD_OF_PART: Final = re.compile(r"^(?:step \d+ )?([\w.\[\]]+)$")
_FAILURES: Final = frozenset({"server_error_rate", "failure_rate"})
# What a statement read, as against where it was repeated: each line that repeats one is a cause of its own.
_COSTS: Final = frozenset({Concern.COST_GROWTH, Concern.INDEXES, Concern.ROWS})
_OF_STATEMENTS: Final = _COSTS | {Concern.GROWTH, Concern.STATEMENTS}
# A plan's text: the statement, this, and what was done for it.
_PLANNED: Final = " — "
# What a load remarks that was ended because its requests failed.
_GIVEN_UP: Final = "given up early: "
# What a comparison remarks that times nothing.
_DIFFERENT_ANSWERS: Final = "the sides answer differently: "
_ON_A_NEW_SCHEMA: Final = re.compile(r"^the base's code on the new schema \(([^)]+)\)")

_Groups = list[tuple[list[Finding], list[Finding]]]
Drivers = dict[tuple[object, ...], dict[Concern, list[Finding]]]
"""Findings that explain others, by what they share and by their concern."""


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group what fails or is undecided: worst first, then by concern; what got better after what got worse."""
    open_findings = [each for each in findings if each.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}]
    groups = _following(_of_same_words(_of_same_callers(_of_one_answer_or_statement(_by_anchor(open_findings)))))
    groups = _other_sides(groups)
    causes = [Cause(findings=(*_sorted(own), *_sorted(costs))) for own, costs in groups]
    return tuple(sorted(causes, key=_cause_order))


def _by_anchor(findings: Sequence[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.outcome, finding.is_better, *_anchor(finding)), []).append(finding)
    return list(groups.values())


def _anchor(finding: Finding) -> tuple[object, ...]:
    """Return what two findings of one cause share: a statement's line and table, a table and verb, a function, a field.

    A finding about nothing of the kind is a cause of its own in its scenario.
    """
    # Data that nothing is known of was not lost: why nothing is known explains it.
    if finding.instrument == "load" and (finding.concern is not Concern.DATA or finding.outcome is not Outcome.FAIL):
        return _anchor_of_load(finding)
    if finding.found.startswith(_DIFFERENT_ANSWERS):
        # One change of the answers keeps every scenario that gives them from being compared.
        return ("different answers",)
    evidence = finding.evidence[0] if finding.evidence else None
    own: tuple[object, ...] = (finding.rule, finding.subject, finding.metric or finding.found)
    if evidence is not None and evidence.kind == "hint":
        # Of settings: each is one thing.
        own = ("hint", evidence.text)
    if evidence is None and finding.concern is Concern.ANSWERS and (field := _FIELD_OF_PART.match(finding.part)):
        # One that is gone has no value to show, in however many answers.
        return "field", _field_name(field[1])
    if evidence is None:
        return own if finding.metric or finding.scenario else ("file", finding.rule, finding.found)
    return _anchor_of_evidence(finding, evidence) or own


def _anchor_of_evidence(finding: Finding, evidence: Evidence) -> tuple[object, ...]:
    """Return what a piece of evidence has in common with others of its cause; nothing where it names no such thing."""
    place = Place.of(evidence.source)
    if migration := _ON_A_NEW_SCHEMA.search(evidence.text):
        # One migration breaks the base's code at many endpoints.
        return "schema", finding.rule, migration[1]
    if evidence.kind in {"statement", "plan", "write"}:
        # One line deletes a row with all that depends on it, table by table.
        is_deletion = evidence.kind == "write" and place and finding.part.endswith(_DELETION)
        return "sql", "" if is_deletion else evidence.table, str(place) if place else evidence.text
    if evidence.kind == "call" and place:
        return "call", place.file, place.function or place.line
    if finding.concern is Concern.ANSWERS and (field := _FIELD.match(evidence.text)):
        return "field", _field_name(field[1])
    if place:
        return "line", evidence.table, str(place)
    return ()


def _field_name(path: str) -> str:
    """Return the last name of a field's path in an answer: "email" of "results[].author.email"."""
    return re.sub(r"\[\d*\]", "", path).rpartition(".")[2]


def _anchor_of_load(finding: Finding) -> tuple[object, ...]:
    """Return what findings about one load share: a service that fails or is slow is so at many of its endpoints.

    What leaves a load undecided has one cause as well: a generator or a machine that could not keep up.
    """
    if finding.outcome is Outcome.INCONCLUSIVE:
        return ("undecided", finding.instrument)
    if finding.metric in _FAILURES or finding.found.startswith(_GIVEN_UP):
        return ("load", "failures")
    return ("load", finding.scenario, finding.metric or finding.found)


def _of_one_answer_or_statement(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
    """Put together what moved in one answer, field by field, and what one statement costs, whichever line is named.

    Other rows, another order or a nested object change many fields at once; a statement of several lines, or one that
    two places may send, is named with either.
    """
    merged: dict[int, list[Finding]] = {}
    homes: dict[object, int] = {}
    for number, group in enumerate(groups):
        keys = {key for finding in group for key in _shared(finding)}
        own = list(group)
        for earlier in sorted({homes[key] for key in keys if key in homes}, reverse=True):
            own = merged.pop(earlier) + own
        merged[number] = own
        homes.update((key, number) for finding in own for key in _shared(finding))
    return list(merged.values())


def _shared(finding: Finding) -> list[object]:
    """Return what a finding shares with others of its scenario that are of the same cause, at another line or field."""
    if finding.instrument == "leaks":
        # What is kept, or left open, is also what an answer that is stale was taken from.
        return [("kept", *_scenario(finding))]
    if finding.instrument != "work":
        return []
    where = (*_scenario(finding), finding.is_better)
    change = _CHANGE.search(finding.found)
    if finding.concern is Concern.PAYLOAD and change:
        # So many bytes more in many answers: what all of them are made from, such as a page's frame.
        return [("payload", finding.outcome, change[0])]
    if finding.concern in {Concern.ANSWERS, Concern.TIME}:
        # Of time: calls of one kind and another, and the instructions in them. One piece of code runs more often.
        return [(finding.concern, *where)]
    evidence = finding.evidence[0] if finding.evidence else None
    if finding.concern in _COSTS and evidence is not None and evidence.kind in {"statement", "plan"}:
        return [("statement", *where, evidence.text.partition(_PLANNED)[0])]
    return []


def _of_same_callers(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
    """Put together what lets the same callers in at several views, or takes one header from many answers.

    A setting, a middleware or a class of permissions that all of them share is the one thing that explains it.
    """
    merged: dict[object, list[Finding]] = {}
    for group in groups:
        parts = frozenset(each.part for each in group)
        is_access = all(each.concern is Concern.ACCESS for each in group) and parts != {""}
        key: object = (group[0].outcome, frozenset(each.metric for each in group), parts) if is_access else id(group)
        merged.setdefault(key, []).extend(group)
    return list(merged.values())


def _of_same_words(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
    """Put together what is said of an endpoint in the same words for several of its scenarios, and names no line."""
    merged: dict[object, list[Finding]] = {}
    for group in groups:
        first = group[0]
        is_placed = not first.endpoint or not first.evidence or place_of_finding(first) is not None
        said = (first.outcome, first.is_better, first.rule, first.endpoint, *(each.text for each in first.evidence[:1]))
        merged.setdefault(id(group) if is_placed else said, []).extend(group)
    return list(merged.values())


def _following(groups: list[list[Finding]]) -> _Groups:
    """Put what another group of the same scenario explains behind that group's own findings: costs follow their cause.

    Findings move one by one, for a group may reach over scenarios of which only some have another cause.
    """
    drivers: Drivers = {}
    listing = {_scenario(each): group for group in groups for each in group if list_of(each)}
    for group in sorted(groups, key=lambda each: min(found.concern.rank for found in each)):
        for finding in group:
            drivers.setdefault((*_scenario(finding), finding.is_better), {}).setdefault(finding.concern, group)
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


def _other_sides(groups: _Groups) -> _Groups:
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
    about = (each for each in findings if each.concern in _OF_STATEMENTS and each.instrument == "work")
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
    return listing.get(_scenario(finding)) if is_its_cost else None


def _driver(finding: Finding, drivers: Drivers) -> list[Finding] | None:
    """Return the group that explains a finding. What got better on the way to something worse belongs to that."""
    for is_better in (False, True) if finding.is_better else (False,):
        there = drivers.get((*_scenario(finding), is_better), {})
        same = (finding.concern,) if is_better != finding.is_better else ()
        for concern in (*same, *finding.concern.follows):
            if concern in there:
                return there[concern]
    return None


def _scenario(finding: Finding) -> tuple[object, ...]:
    return (finding.instrument, finding.scenario, finding.outcome)


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    """Sort the findings of one cause. A service that fails at several endpoints of a load is told as a whole first."""
    endpoints = {each.endpoint for each in findings if each.instrument == "load" and each.endpoint}
    return sorted(findings, key=lambda each: (len(endpoints) > 1 and bool(each.endpoint), _order(each)))


def _order(finding: Finding) -> tuple[int, ...]:
    """Put first what is named at an endpoint, by its concern, what has evidence, and of an answer a list's length.

    Of an answer in another order comes first the statement whose rows have none.

    Before all of these stands why a load is undecided, which the instrument remarks without a metric.
    """
    is_a_reason = finding.outcome is Outcome.INCONCLUSIVE and finding.instrument == "load" and not finding.metric
    listed = not list_of(finding)
    is_unsafe = finding.rule == "load-unsafe"
    is_mute = finding.concern is Concern.ANSWERS and place_of_finding(finding) is None
    own = (finding.concern.rank, not finding.evidence, listed, is_mute)
    return (not is_unsafe, not is_a_reason, not finding.endpoint, *own)


def _cause_order(cause: Cause) -> tuple[int, bool, int, float, int]:
    """What fails before what is undecided, worse before better, by concern; of rows first what is farthest off."""
    concern = cause.first.concern
    changes = [each.change for each in cause.findings if each.concern is concern is Concern.ROWS]
    change = max(changes, default=0.0)
    return (-cause.outcome.severity, cause.is_better, concern.rank, -change, -len(cause.findings))
