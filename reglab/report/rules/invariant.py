"""The rule `same`: a counter does not change between the variants of one scenario, such as sizes of its data."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic.dataclasses import dataclass

from reglab.report.findings import Finding, counted, formatted
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Measurement
from reglab.report.rules.base import STRICT, by_quantity
from reglab.report.rules.exact import ExactRule


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class SameRule(ExactRule):
    """All variants of a scenario's metric and part have one value, within `tolerance` (a fraction)."""

    test: Literal["same"]

    def findings(self, samples: Sequence[Measurement]) -> list[Finding]:
        """Return one finding a scenario, metric and part."""
        return [self._finding(group) for group in by_quantity(samples)]

    def _finding(self, group: Sequence[Measurement]) -> Finding:
        largest = max(group, key=lambda sample: sample.median)
        gating = next((sample for sample in group if not sample.gates), largest)
        if len(group) < 2:
            return self.finding(
                gating,
                outcome=Outcome.INCONCLUSIVE,
                expected="the same at two variants or more",
                found=f"one variant only: {largest.variant or 'unnamed'}",
            )
        least, most = min(min(each.values) for each in group), max(max(each.values) for each in group)
        same = most - least <= abs(most) * self.tolerance
        values = counted((f"{formatted(each.median)} at {each.variant}" for each in group), limit=4)
        return self.finding(
            gating,
            outcome=Outcome.PASS if same else self.broken(),
            expected=f"the same {largest.metric.name} at every variant",
            found=f"{formatted(most)} {largest.metric.unit} at all {len(group)}" if same else values,
            variant="",
            evidence=_by_growth(group, largest),
        )


def _by_growth(group: Sequence[Measurement], largest: Measurement) -> tuple[Evidence, ...]:
    """Put first what occurs more often at the largest value than at the least: that is what grows."""
    least = min(group, key=lambda sample: sample.median)
    counts: Counter[tuple[str, str]] = Counter()
    for each in least.evidence:
        counts[each.text, each.source] += each.count
    return tuple(sorted(largest.evidence, key=lambda each: counts[each.text, each.source] - each.count))
