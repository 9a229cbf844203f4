"""The rule `ratio`: two variants of one run stand in a proportion, as "before" and "after" do."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from reglab.report.findings import Finding, counted, formatted, told_apart
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement, Number
from reglab.report.rules.base import STRICT, Rule, Text, by_quantity


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RatioRule(Rule):
    """median(numerator) / median(denominator) keeps a bound. For effects of 2x and more: it has no interval."""

    test: Literal["ratio"]
    numerator: Text
    denominator: Text
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> "RatioRule":
        if self.at_most is None and self.at_least is None:
            raise ValueError("a ratio needs at_least or at_most")
        if self.numerator == self.denominator:
            raise ValueError("numerator and denominator are the same variant: their ratio says nothing")
        return self

    def findings(self, samples: Sequence[Measurement]) -> list[Finding]:
        """Return one finding a scenario, metric and part."""
        return [self._finding(group) for group in by_quantity(samples)]

    def _finding(self, group: Sequence[Measurement]) -> Finding:
        above = [sample for sample in group if fnmatchcase(sample.variant, self.numerator)]
        below = [sample for sample in group if fnmatchcase(sample.variant, self.denominator)]
        if len(above) != 1 or len(below) != 1:
            return self._not_two(group)
        few = next((sample for sample in (*above, *below) if len(sample.values) < self.min_samples), None)
        if few is not None:
            return self.too_few(few)
        return self._ratio(numerator=above[0], denominator=below[0])

    def _ratio(self, *, numerator: Measurement, denominator: Measurement) -> Finding:
        subject = denominator if denominator.evidence or not denominator.gates else numerator
        if denominator.median == 0:
            return self.finding(
                subject,
                outcome=Outcome.INCONCLUSIVE,
                expected=self._expected(),
                found=f"a median of 0 {denominator.metric.unit} in {denominator.variant}: no ratio can be taken",
            )
        ratio = numerator.median / denominator.median
        limit = self.at_least if self.at_least is not None and ratio < self.at_least else self.at_most
        kept = (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)
        text = f"{ratio:,.2f}"
        if not kept and limit is not None and float(f"{ratio:.2f}") == limit:
            text = told_apart(ratio, limit)[0]
        unit = numerator.metric.unit
        return self.finding(
            subject,
            outcome=Outcome.PASS if kept else self.broken(),
            expected=self._expected(),
            found=f"{text}x ({formatted(numerator.median)} against {formatted(denominator.median)} {unit})",
            variant=f"{numerator.variant}/{denominator.variant}",
        )

    def _not_two(self, group: Sequence[Measurement]) -> Finding:
        return self.finding(
            group[0],
            outcome=self.incomplete(group),
            expected=f"one sample of {self.numerator!r} and one of {self.denominator!r}",
            found=f"only {counted(sample.variant or 'unnamed' for sample in group)}",
            variant="",
        )

    def _expected(self) -> str:
        bounds = (
            f"{word} {formatted(bound)}x"
            for word, bound in (("at least", self.at_least), ("at most", self.at_most))
            if bound is not None
        )
        return " and ".join(bounds)
