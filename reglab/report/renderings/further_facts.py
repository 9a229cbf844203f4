"""Further facts of a cause, behind its headline: lines to add, other statements, tables, views and answers."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final

from reglab.report.causes.cause import Cause, Place
from reglab.report.concerns import Concern
from reglab.report.findings import Finding, formatted
from reglab.report.outcomes import Outcome
from reglab.report.renderings.headlines import found_of, shortened, source_of
from reglab.report.renderings.text import one_line

_DELETION: Final = " delete"
_TOLD: Final = 3


def lines_to_add(cause: Cause) -> list[str]:
    """Give the lines of the suite that a piece of it is missing for, with their files, whole: they are to be copied."""
    written = [cause.first, *_other_writes(cause)]
    hints = [[text for text in _hints(finding) if text.startswith("add to ")] for finding in written]
    # What the headline tells may be a breach of somebody's decision: lines for the rest would not make it right.
    return [one_line(text) for text in dict.fromkeys(chain(*hints))][:_TOLD] if hints[0] else []


def _hints(finding: Finding) -> Iterator[str]:
    return (each.text for each in finding.evidence if each.kind == "hint")


def further_statements(cause: Cause) -> list[str]:
    """Give what else is behind it: statements that grow with the first, tables that it deletes from, other views."""
    if writes := _other_writes(cause):
        return [f"also {found_of(each)}" for each in writes[:_TOLD]]
    if cause.outcome is Outcome.INCONCLUSIVE:
        # Each says by itself what was missing.
        others = dict.fromkeys(found_of(each) for each in cause.findings[1:])
        return [f"also {shortened(one_line(text))}" for text in list(others)[:_TOLD]]
    if (beside := _BESIDE.get(cause.first.concern)) is not None:
        return beside(cause)
    if cause.first.concern not in {Concern.GROWTH, Concern.COST_GROWTH} or cause.evidence is None:
        return []
    told: dict[str, str] = {}
    for each in cause.first.evidence[1:]:
        # What is sent once does not grow.
        if (
            each.kind == "statement"
            and each.count > 1
            and Place.of(each.source)
            and each.source != cause.evidence.source
        ):
            told.setdefault(each.source, f"also {formatted(each.count)} × {shortened(one_line(each.text))}")
    return [f"{text} at {one_line(source)}" for source, text in list(told.items())[:_TOLD]]


def _other_answers(cause: Cause) -> list[str]:
    """Return the answer that other rows have changed."""
    answers = dict.fromkeys(found_of(each) for each in cause.findings if each.concern is Concern.ANSWERS)
    return [f"also {text}" for text in list(answers)[:1]]


def _new_statements(cause: Cause) -> list[str]:
    """Return the statement that another answer may be taken from."""
    new = [each for each in cause.first.evidence if each.kind == "statement"]
    return [f"sent, and not accepted: {shortened(one_line(each.text))}" for each in new[:1]]


def _other_views(cause: Cause) -> list[str]:
    """Return the views, each with its line, that let the same callers in: each may have lost a check of its own."""
    told = {source: each.endpoint for each in reversed(cause.findings) for source in _sources(each)}
    others = [(source, endpoint) for source, endpoint in reversed(told.items()) if source != source_of(cause)]
    return [f"also {endpoint} at {one_line(source)}" for source, endpoint in others[:_TOLD]]


def _sources(finding: Finding) -> Iterator[str]:
    return (each.source for each in finding.evidence[:1] if Place.of(each.source))


def _other_writes(cause: Cause) -> list[Finding]:
    """Return the deletions from other tables that the first finding's line did."""
    first = cause.first
    if not first.part.endswith(_DELETION):
        return []
    others = {
        each.part: each
        for each in reversed(cause.findings)
        if (each.metric, each.scenario) == (first.metric, first.scenario) and each.part != first.part and each.evidence
    }
    return list(reversed(others.values()))


_BESIDE: Final[Mapping[Concern, Callable[[Cause], list[str]]]] = {
    Concern.CONDITIONS: _other_answers,
    Concern.ACCESS: _other_views,
    Concern.ANSWERS: _new_statements,
}
