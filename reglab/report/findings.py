"""Findings: one rule applied once, with what it expected, what it found, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reglab.report.concerns import Concern
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Number

# Six digits hold no more: from here on a number has no fraction.
_WHOLE_FROM: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule applied once. `expected` and `found` are sentences with units; evidence puts the likeliest cause first.

    `place` is `file:line` where the finding is about a file rather than about a measurement. `margins` are those that
    pairs were judged by, as fractions of the baseline. `is_better` says that what moved is an improvement, which is
    open because nobody has accepted it yet. `change` is how far it is from what was accepted, as a fraction of that (of
    1 where nothing was), and 0 for a rule that holds against no accepted value.
    """

    rule: str
    outcome: Outcome
    expected: str
    found: str
    instrument: str = ""
    scenario: str = ""
    endpoint: str = ""
    metric: str = ""
    part: str = ""
    variant: str = ""
    unit: str = ""
    evidence: tuple[Evidence, ...] = ()
    next_step: str = ""
    reason: str = ""
    place: str = ""
    margins: tuple[float, ...] = ()
    concern: Concern = Concern.REST
    is_better: bool = False
    change: float = 0.0

    @property
    def cause(self) -> str:
        """The most likely cause in one line; empty where the instrument gave no evidence."""
        return sentence_of(self.evidence[0]) if self.evidence else ""

    @property
    def subject(self) -> str:
        """What was judged, in one line: the scenario, or the file."""
        return self.scenario or self.place or self.instrument

    @property
    def quantity(self) -> str:
        """The metric with its part and variant, in one line."""
        part = f" of {self.part}" if self.part else ""
        variant = f" ({self.variant})" if self.variant else ""
        return f"{self.metric}{part}{variant}"

    @property
    def title(self) -> str:
        """A name for the finding, equal in every rendering."""
        return " · ".join(word for word in (self.rule, self.subject, self.quantity) if word)


def sentence_of(evidence: Evidence) -> str:
    """Say one piece of evidence in one line: how often, what, on which table, from which source line."""
    count = f"{evidence.count:,} x " if evidence.count != 1 else ""
    table = f" [table {evidence.table}]" if evidence.table and evidence.table not in evidence.text else ""
    source = f", at {evidence.source}" if evidence.source else ""
    return f"{count}{' '.join(evidence.text.split())}{table}{source}"


def formatted(value: Number) -> str:
    """Write a number for a person: thousands apart, six significant digits, and never as a power of ten."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:,.6g}"


def told_apart(found: Number, limit: Number) -> tuple[str, str]:
    """Write two numbers so that they look different if they are: 500.00004 is not shown as 500."""
    texts = formatted(found), formatted(limit)
    return texts if texts[0] != texts[1] or found == limit else (repr(found), repr(limit))


def counted(values: Iterable[str], *, limit: int = 6) -> str:
    """Name the first `limit` of `values`, and say how many more there are."""
    names = list(values)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def with_unit(text: str, unit: str) -> str:
    """Write a formatted number with its unit: "1 row", "2 rows", "33.3 %" for a fraction."""
    if unit == "fraction":
        return f"{float(text.replace(',', '')):.3%}".replace(".000%", "%").replace("%", " %")
    return f"{text} {_singular(unit) if text == '1' else unit}"


def _singular(unit: str) -> str:
    word, space, rest = unit.partition(" ")
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word.endswith("xes"):
        word = word[:-2]
    elif word.endswith("s") and len(word) > 2:
        word = word[:-1]
    return f"{word}{space}{rest}"


def plural(count: int, noun: str) -> str:
    """Write a number with its noun: "1 row", "2 rows"."""
    return f"{formatted(count)} {noun if count == 1 else f'{noun}s'}"
