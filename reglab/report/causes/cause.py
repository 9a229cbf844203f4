"""Causes: findings that one thing explains, and the line to look at first."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reglab.report.concerns import Concern
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence

_LINE: Final = re.compile(r"^(?P<file>[^\s:]+):(?P<line>\d+)")
_FUNCTION: Final = re.compile(r" in (?P<name>[\w.<>]+)$")
# How many entries a list of an answer has: "results[] length: 20".
_LENGTH: Final = re.compile(r"^([\w.\[\]]*\[\]) length:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file, and the function that it is in."""

    file: str
    line: int
    function: str = ""

    @classmethod
    def of(cls, source: str) -> "Place | None":
        """Return the place that a source line of an evidence names: "shop/views.py:41 in listed"."""
        found = _LINE.match(source)
        if not found:
            return None
        function = _FUNCTION.search(source)
        return cls(file=found["file"], line=int(found["line"]), function=function["name"] if function else "")

    def __str__(self) -> str:
        """Write the place as an editor takes it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Findings that one thing explains, the one that says most of it first."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that names the cause."""
        return self.findings[0]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its findings."""
        return max((each.outcome for each in self.findings), key=lambda each: each.severity)

    @property
    def is_better(self) -> bool:
        """Whether all that moved is an improvement, which asks to be accepted."""
        return all(each.is_better for each in self.findings)

    @property
    def evidence(self) -> Evidence | None:
        """The piece of evidence that names the cause."""
        return self.first.evidence[0] if self.first.evidence else None

    @property
    def place(self) -> Place | None:
        """The line to look at first: where an answer lists other rows, that of the statement that fetched them."""
        return place_of_finding(self.first) or (place_of_finding(self.fetching) if self.fetching else None)

    @property
    def fetching(self) -> Finding | None:
        """The first statement that an answer with longer or shorter lists was made of, where it is known."""
        if not list_of(self.first):
            return None
        kinds = {"statement", "plan"}
        return next((each for each in self.findings if each.evidence and each.evidence[0].kind in kinds), None)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints, or scenarios without one, that it shows at; the first finding's first."""
        return tuple(dict.fromkeys(each.endpoint or each.subject for each in self.findings))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that it moved, the most often named first."""
        named = Counter(each.metric for each in self.findings if each.metric)
        return tuple(name for name, _ in named.most_common())


def place_of_finding(finding: Finding) -> Place | None:
    """Return the first line that a finding's evidence names, or that it is about."""
    sources = [*(each.source for each in of_first(finding.evidence)), finding.place]
    return next((place for source in sources if (place := Place.of(source))), None)


def of_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence whose lines may explain the first: where that is a statement, no other statement's."""
    if not evidence or evidence[0].kind != "statement":
        return list(evidence)
    return [each for each in evidence if each.kind != "statement" or each.text == evidence[0].text]


def list_of(finding: Finding) -> str:
    """Return the list of an answer whose length a finding is about, or an empty text."""
    found = _LENGTH.match(finding.evidence[0].text) if finding.concern is Concern.ANSWERS and finding.evidence else None
    return found[1] if found else ""
