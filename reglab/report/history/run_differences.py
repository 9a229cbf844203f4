"""Differences between two runs: findings that came, went or turned, and quantities that moved."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reglab.metrics import Assumption, Better, Metric
from reglab.report.causes.cause import Cause
from reglab.report.findings import Finding
from reglab.report.history.time_series import line_of
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement, Number, Record
from reglab.report.verdict import Verdict

# A place in a file: the same finding one line further down has not turned.
_LINE: Final = re.compile(r"(\.\w{1,5}):\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A finding whose outcome is another one in the candidate; None where one side has no such finding."""

    title: str
    baseline: Outcome | None
    candidate: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A quantity whose median differs. None where one side did not measure it."""

    identity: tuple[str, ...]
    metric: Metric
    baseline: Number | None
    candidate: Number | None

    @property
    def effect(self) -> float:
        """The candidate's median relative to the baseline's, as a fraction; infinite where there is no ratio."""
        if not self.baseline or self.candidate is None:
            return math.inf
        return self.candidate / self.baseline - 1

    @property
    def is_worse(self) -> bool:
        """Whether the metric moved in its worse direction, or is no longer measured."""
        if self.baseline is None or self.candidate is None:
            return self.candidate is None
        rose = self.candidate > self.baseline
        return {Better.LOWER: rose, Better.HIGHER: not rose, Better.SAME: True}[self.metric.better]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two runs side by side. `comparable` is false where machine, interpreter or database differ.

    `turns` are the findings that no cause explains; `records` are those of both runs, for the words of a cause.
    """

    baseline: str
    candidate: str
    comparable: bool
    turns: tuple[Turn, ...]
    moves: tuple[Move, ...]
    new_causes: tuple[Cause, ...] = ()
    gone_causes: tuple[Cause, ...] = ()
    causes_in_both: int = 0
    records: tuple[Record, ...] = ()


def difference(*, baseline: Verdict, candidate: Verdict) -> Difference:
    """Compare two verdicts. A sampled metric is listed with its medians, which prove nothing by themselves."""
    new, gone = _only(candidate, baseline), _only(baseline, candidate)
    explained = {
        title for verdict in (baseline, candidate) for cause in verdict.causes for title in _titles(cause, verdict)
    }
    return Difference(
        baseline=baseline.run,
        candidate=candidate.run,
        comparable=_are_comparable(_lines(baseline), _lines(candidate)),
        turns=tuple(turn for turn in _turns(baseline, candidate) if turn.title not in explained),
        moves=tuple(sorted(_moves(baseline, candidate), key=_order)),
        new_causes=new,
        gone_causes=gone,
        causes_in_both=len(candidate.causes) - len(new),
        records=(*candidate.records, *baseline.records),
    )


def _only(one: Verdict, other: Verdict) -> tuple[Cause, ...]:
    """Return the causes of one verdict none of whose findings is open in the other."""
    there = {title for cause in other.causes for title in _titles(cause, other)}
    return tuple(cause for cause in one.causes if there.isdisjoint(_titles(cause, one)))


def _titles(cause: Cause, verdict: Verdict) -> set[str]:
    return {_title(finding, verdict) for finding in cause.findings}


def _title(finding: Finding, verdict: Verdict) -> str:
    """Name a finding without its run's folder and its line, which differ of themselves."""
    return _LINE.sub(r"\1", finding.title.replace(f"{verdict.folder}/", ""))


def _lines(verdict: Verdict) -> dict[str, str]:
    return {record.header.instrument: line_of(record.header.environment) for record in verdict.records}


def _are_comparable(theirs: dict[str, str], ours: dict[str, str]) -> bool:
    """Whether each instrument that both runs have was at one kind of place."""
    return all(theirs[instrument] == line for instrument, line in ours.items() if instrument in theirs)


def _order(move: Move) -> tuple[bool, bool, float]:
    """Exact before sampled, worse before better, large before small."""
    return (move.metric.assumption is Assumption.SAMPLED, not move.is_worse, -abs(move.effect))


def _turns(baseline: Verdict, candidate: Verdict) -> Iterator[Turn]:
    theirs, ours = _by_title(baseline), _by_title(candidate)
    for title in dict.fromkeys([*ours, *theirs]):
        first, second = theirs.get(title), ours.get(title)
        outcomes = (first.outcome if first else None, second.outcome if second else None)
        if outcomes[0] is not outcomes[1]:
            yield Turn(title=title, baseline=outcomes[0], candidate=outcomes[1])


def _by_title(verdict: Verdict) -> dict[str, Finding]:
    return {_title(finding, verdict): finding for finding in reversed(verdict.findings)}


def _moves(baseline: Verdict, candidate: Verdict) -> Iterator[Move]:
    theirs: dict[tuple[str, ...], Measurement] = {sample.identity: sample for sample in baseline.samples}
    ours = {sample.identity: sample for sample in candidate.samples}
    for identity in dict.fromkeys([*ours, *theirs]):
        first, second = theirs.get(identity), ours.get(identity)
        medians = (first.median if first else None, second.median if second else None)
        if medians[0] != medians[1]:
            metric = (ours if second else theirs)[identity].metric
            yield Move(identity=identity, metric=metric, baseline=medians[0], candidate=medians[1])
