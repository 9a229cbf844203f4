"""Anchors: what two findings of one cause share."""

import re
from typing import Final

from reglab.metrics import METRICS, Better
from reglab.report.causes.cause import Place, place_of_finding
from reglab.report.concerns import Concern
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence

_DELETION: Final = " delete"
_FIELD: Final = re.compile(r"^([\w.\[\]]+):")
_FIELD_OF_PART: Final = re.compile(r"^(?:step \d+ )?([\w.\[\]]+)$")
_CONTENT: Final = frozenset({"rows", "columns"})
_FAILURES: Final = frozenset({"server_error_rate", "failure_rate"})
# What a load remarks that was ended because its requests failed.
_GIVEN_UP: Final = "given up early: "
# What a comparison remarks that times nothing.
_DIFFERENT_ANSWERS: Final = "the sides answer differently: "
_ON_A_NEW_SCHEMA: Final = re.compile(r"^the base's code on the new schema \(([^)]+)\)")


def anchor_of(finding: Finding) -> tuple[object, ...]:
    """Return what two findings of one cause share: a statement's line and table, a table and verb, a function, a field.

    A finding about nothing of the kind is a cause of its own in its scenario.
    """
    # Data that nothing is known of was not lost: why nothing is known explains it.
    if finding.instrument == "load" and (finding.concern is not Concern.DATA or finding.outcome is not Outcome.FAIL):
        return _anchor_of_load(finding)
    if finding.found.startswith(_DIFFERENT_ANSWERS):
        # One change of the answers keeps every scenario that gives them from being compared.
        return ("different answers",)
    if _is_of_content(finding) and place_of_finding(finding) is None:
        # What a request writes no longer, in rows and in columns: no line is left that could be named.
        return "written", *scenario_of(finding)
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


def _is_of_content(finding: Finding) -> bool:
    """Whether rows or columns differ: of them, fewer is no better."""
    metric = METRICS.get(finding.metric)
    return metric is not None and metric.better is Better.SAME and metric.unit in _CONTENT


def _anchor_of_evidence(finding: Finding, evidence: Evidence) -> tuple[object, ...]:
    """Return what a piece of evidence has in common with others of its cause; nothing where it names no such thing."""
    place = Place.of(evidence.source)
    if migration := _ON_A_NEW_SCHEMA.search(evidence.text):
        # One migration breaks the base's code at many endpoints.
        return "schema", finding.rule, migration[1]
    if evidence.kind in {"statement", "plan", "write"}:
        if evidence.kind == "write":
            place = place or place_of_finding(finding)
            # Which rows were written, and how many, differs with the size of the data.
            said = str(place) if place else finding.part
        else:
            said = str(place) if place else evidence.text
        # One line deletes a row with all that depends on it, table by table.
        is_deletion = evidence.kind == "write" and place and finding.part.endswith(_DELETION)
        return "sql", "" if is_deletion else evidence.table, said
    if evidence.kind == "call" and place:
        return "call", place.file, place.function or place.line
    if finding.concern is Concern.ANSWERS and (field := _FIELD.match(evidence.text)):
        return "field", _field_name(field[1])
    if place and finding.concern is not Concern.CONDITIONS:
        # Of two filters that one line has lost each is a loss of its own.
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


def scenario_of(finding: Finding) -> tuple[object, ...]:
    """Return what findings of one scenario share, as one instrument saw it."""
    return (finding.instrument, finding.scenario, finding.outcome)
