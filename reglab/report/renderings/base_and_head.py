"""Base, head and difference of what a cause moved most, where it moved anything that had a value before."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

from reglab.report.causes.cause import Cause
from reglab.report.findings import Finding, formatted, with_unit
from reglab.report.records import Measurement
from reglab.report.renderings.scaled import scaled_times
from reglab.report.verdict import Verdict

# Numbers that are names: one cannot be subtracted from another.
_NO_AMOUNT: Final = frozenset({"checksum", "HTTP status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One quantity at both sides, in words: "queries at orders=50", "3 queries", "55 queries", "+52"."""

    what: str
    base: str
    head: str
    difference: str


def moved_most(cause: Cause, verdict: Verdict) -> Moved | None:
    """Return the first metric of a cause that has a base, at the variant where it moved most.

    The base of a work counter is what the ledger accepts, that of a time the same scenario at the base's revision.
    """
    for finding in cause.findings:
        if finding.margins:
            return _paired(finding, verdict.samples)
        same = [each for each in cause.findings if each.metric == finding.metric and each.outcome is finding.outcome]
        samples = [sample for each in same if (sample := _sample(each, verdict.samples))]
        if samples and samples[0].metric.unit not in _NO_AMOUNT:
            return _counted(max(samples, key=lambda sample: abs(sample.median - (sample.accepted or 0))))
    return None


def _sample(finding: Finding, samples: Iterable[Measurement]) -> Measurement | None:
    """Return the measurement that a finding held against an accepted value."""
    of_finding = (finding.instrument, finding.scenario, finding.endpoint, finding.metric, finding.part)
    for each in samples:
        if each.identity == (*of_finding, finding.variant) and each.accepted not in {None, each.median}:
            return each
    return None


def _counted(sample: Measurement) -> Moved:
    accepted = sample.accepted or 0
    difference = sample.median - accepted
    at = f" at {sample.variant}" if sample.variant else ""
    part = f" of {sample.part}" if sample.part else ""
    return Moved(
        what=f"{sample.metric.name.replace('_', ' ')}{part}{at}",
        base=with_unit(formatted(accepted), sample.metric.unit),
        head=with_unit(formatted(sample.median), sample.metric.unit),
        difference=f"{'+' if difference > 0 else '−'}{formatted(abs(difference))}",  # noqa: RUF001 -- a minus sign
    )


def _paired(finding: Finding, samples: Iterable[Measurement]) -> Moved | None:
    candidate, _, baseline = finding.variant.partition("/")
    sides = {
        each.variant: each.values
        for each in samples
        if (each.instrument, each.scenario, each.metric.name) == (finding.instrument, finding.scenario, finding.metric)
    }
    if not {candidate, baseline} <= sides.keys():
        return None
    (base, head), unit = scaled_times([median(sides[baseline]), median(sides[candidate])])
    return Moved(
        what=f"time of {finding.scenario}",
        base=f"{base:,.3g} {unit}",
        head=f"{head:,.3g} {unit}",
        difference=finding.found.partition(": ")[2].partition(" (")[0],
    )
