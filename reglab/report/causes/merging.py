"""Groups of findings that one thing explains, put together by what they share beyond their anchors."""

import re
from collections.abc import Sequence
from typing import Final

from reglab.report.causes.anchors import anchor_of, scenario_of
from reglab.report.causes.cause import place_of_finding
from reglab.report.causes.following import WORK, Groups
from reglab.report.concerns import Concern
from reglab.report.findings import Finding

# Behind a number: "514 bytes (+10)".
_CHANGE: Final = re.compile(r"\([^\d)][\d,.]+\)")
# What a statement read, as against where it was repeated: each line that repeats one is a cause of its own.
_COSTS: Final = frozenset({Concern.COST_GROWTH, Concern.INDEXES, Concern.ROWS})
# A plan's text: the statement, this, and what was done for it.
_PLANNED: Final = " — "
# The subject of what is said of settings, and how one is spelled.
_SETTINGS: Final = "(settings)"
_SETTING: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?:\.\w+)*|\bDEBUG\b")
# A sentence, this, and the statement that it is about.
_BY: Final = "; by "


def by_anchor(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Put together findings of one anchor."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.outcome, finding.is_better, *anchor_of(finding)), []).append(finding)
    return list(groups.values())


def of_one_answer_or_statement(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
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
        return [("kept", *scenario_of(finding))]
    return _shared_by_work(finding) if finding.instrument == WORK else []


def _shared_by_work(finding: Finding) -> list[object]:
    where = (*scenario_of(finding), finding.is_better)
    text = finding.evidence[0].text if finding.evidence else ""
    kind = finding.evidence[0].kind if finding.evidence else ""
    change = _CHANGE.search(finding.found)
    if finding.concern is Concern.CONDITIONS:
        # One filter that is gone changes each statement that had it.
        return [("condition", finding.outcome, text.partition(_BY)[0])]
    if finding.concern is Concern.PAYLOAD and change:
        # So many bytes more in many answers: what all of them are made from, such as a page's frame.
        return [("payload", finding.outcome, change[0])]
    if finding.concern in {Concern.VALUES, Concern.ANSWERS, Concern.TIME}:
        # Of time: calls of one kind and another, and the instructions in them. One piece of code runs more often.
        return [(finding.concern, *where)]
    is_cost = finding.concern in _COSTS and kind in {"statement", "plan"}
    return [("statement", *where, text.partition(_PLANNED)[0])] if is_cost else []


def of_same_callers(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
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


def of_one_setting(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
    """Put together what is said of one setting: that it is another one, in each environment, and what warns of it."""
    merged: dict[object, list[Finding]] = {}
    for group in groups:
        first = group[0]
        text = first.evidence[0].text if first.evidence else ""
        name = _SETTING.search(f"{first.part} {text}") if first.scenario == _SETTINGS else None
        merged.setdefault((first.outcome, name[0]) if name else id(group), []).extend(group)
    return list(merged.values())


def of_same_words(groups: Sequence[list[Finding]]) -> list[list[Finding]]:
    """Put together what is said of an endpoint in the same words for several of its scenarios, and names no line."""
    merged: dict[object, list[Finding]] = {}
    for group in groups:
        first = group[0]
        is_placed = not first.endpoint or not first.evidence or place_of_finding(first) is not None
        said = (first.outcome, first.is_better, first.rule, first.endpoint, *(each.text for each in first.evidence[:1]))
        merged.setdefault(id(group) if is_placed else said, []).extend(group)
    return list(merged.values())


def of_one_function(groups: Groups) -> Groups:
    """Put together what several instruments found at one function of the project: each sees another side of it.

    The same number that one line moves in several scenarios is one cause as well: a helper serves several tables.
    """
    kept: Groups = []
    for own, costs in groups:
        home = next((each for each, _ in kept if _is_another_side(own, each)), None)
        if home is None:
            kept.append((own, costs))
        else:
            home += [*own, *costs]
    return kept


def _is_another_side(own: Sequence[Finding], other: Sequence[Finding]) -> bool:
    if own[0].outcome is not other[0].outcome:
        return False
    if not {each.instrument for each in own} & {each.instrument for each in other}:
        return bool(_functions(own) & _functions(other))
    is_elsewhere = not {each.scenario for each in own} & {each.scenario for each in other}
    return is_elsewhere and _moved_at(own[0]) == _moved_at(other[0])


def _moved_at(finding: Finding) -> tuple[object, ...]:
    """Return a rule and the line that broke it; where no line is known, the finding itself."""
    place = place_of_finding(finding)
    return (finding.rule, finding.is_better, str(place)) if place else (finding,)


def _functions(findings: Sequence[Finding]) -> set[tuple[str, str]]:
    places = filter(None, map(place_of_finding, findings))
    return {(each.file, each.function or str(each.line)) for each in places if not each.function.startswith("<")}
