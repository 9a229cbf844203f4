"""The rule `budget`: every value keeps an absolute bound."""

from collections.abc import Sequence
from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from reglab.metrics import Assumption
from reglab.report.findings import Finding, formatted, told_apart, with_unit
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement, Number
from reglab.report.rules.base import STRICT, Rule


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BudgetRule(Rule):
    """Every single value is at most, at least, or exactly the bound: one bad value is not averaged away."""

    test: Literal["budget"]
    at_most: Number | None = None
    at_least: Number | None = None
    equals: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> "BudgetRule":
        bounded = self.at_most is not None or self.at_least is not None
        if not bounded and self.equals is None:
            raise ValueError("a budget needs at_most, at_least or equals")
        if bounded and self.equals is not None:
            raise ValueError("equals stands alone: it leaves nothing for at_most or at_least to say")
        if self.at_most is not None and self.at_least is not None and self.at_least > self.at_most:
            raise ValueError("at_least is above at_most: nothing can keep both")
        return self

    def findings(self, samples: Sequence[Measurement]) -> list[Finding]:
        """Return one finding a sample."""
        return [self._finding(sample) for sample in samples]

    def _finding(self, sample: Measurement) -> Finding:
        if len(sample.values) < self.min_samples:
            return self.too_few(sample)
        if self._is_known(sample):
            found = f"{formatted(sample.median)} {sample.metric.unit}, known and accepted"
            return self.finding(sample, outcome=Outcome.PASS, expected=self._expected(sample), found=found)
        broken = [(value, bound) for value in sample.values for bound in self._broken_bounds(value)]
        if not broken:
            return self.finding(sample, outcome=Outcome.PASS, expected=self._expected(sample), found=_range(sample))
        proven = [pair for pair in broken if not _is_explained(sample, *pair)]
        found, _ = told_apart(*max(proven or broken, key=lambda pair: abs(pair[0] - pair[1])))
        return self.finding(
            sample,
            outcome=self.broken() if proven else self.unproven(),
            expected=self._expected(sample),
            found=f"{with_unit(found, sample.metric.unit)}{'' if proven else ' when the stage was interrupted'}",
        )

    def _is_known(self, sample: Measurement) -> bool:
        """Whether somebody has accepted as much of a problem as there is: what is known never fails again."""
        return sample.accepted is not None and self.at_most is not None and max(sample.values) <= sample.accepted

    def _broken_bounds(self, value: Number) -> list[Number]:
        return [
            bound
            for bound, holds in (
                (self.at_most, self.at_most is None or value <= self.at_most),
                (self.at_least, self.at_least is None or value >= self.at_least),
                (self.equals, self.equals is None or value == self.equals),
            )
            if bound is not None and not holds
        ]

    def _expected(self, sample: Measurement) -> str:
        bounds = (
            f"{word}{with_unit(formatted(bound), sample.metric.unit)}"
            for word, bound in (("at most ", self.at_most), ("at least ", self.at_least), ("", self.equals))
            if bound is not None
        )
        return " and ".join(bounds)


def _is_explained(sample: Measurement, value: Number, bound: Number) -> bool:
    """Whether an interruption alone explains a breach: too little of what comes in over time, never too much."""
    return sample.is_cut_short and sample.metric.assumption is Assumption.SAMPLED and value < bound


def _range(sample: Measurement) -> str:
    least, most = formatted(min(sample.values)), formatted(max(sample.values))
    highest = with_unit(most, sample.metric.unit)
    return highest if least == most else f"{least} to {highest}"
