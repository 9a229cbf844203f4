"""The rule `paired`: a candidate is not slower than its baseline, proven either way from pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from reglab.metrics import Better
from reglab.report.findings import Finding, counted
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement
from reglab.report.rules.base import STRICT, Rule, Text, by_quantity
from reglab.report.rules.paired_statistics import Conclusion, Decision, Margins, decide, log_ratios

Fraction = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PairedRule(Rule):
    """Values of `baseline` and `candidate` are pairs, in order. Proven slower than `fail_above` is a breach, proven
    less slow than `pass_below` a pass, anything else inconclusive.

    `sentinel` names a second baseline that ran as a third side: where it "is slower", the machine moved, and every
    finding of the rule is inconclusive.
    """

    test: Literal["paired"]
    baseline: Text = "baseline"
    candidate: Text = "candidate"
    sentinel: str = ""
    fail_above: Fraction = 0.02
    pass_below: Fraction = 0.05
    alpha: Fraction = 0.05
    looks: Annotated[tuple[Annotated[int, Field(ge=6)], ...], Field(min_length=1)] = (12, 16, 24, 32)

    @model_validator(mode="after")
    def _has_room_between_margins(self) -> "PairedRule":
        if self.fail_above >= self.pass_below:
            raise ValueError("fail_above is not below pass_below: nothing could be undecided")
        if list(self.looks) != sorted(set(self.looks)):
            raise ValueError("looks must grow: at 12 pairs, then at 16, and so on")
        return self

    @property
    def margins(self) -> Margins:
        """The margins of this rule, as the decision takes them."""
        return Margins(fail_above=self.fail_above, pass_below=self.pass_below, alpha=self.alpha, looks=self.looks)

    def findings(self, samples: Sequence[Measurement]) -> list[Finding]:
        """Return one finding a scenario, metric and part; all of them share one Holm adjustment."""
        groups = {str(index): group for index, group in enumerate(by_quantity(samples))}
        pairs: dict[str, list[float]] = {}
        broken: dict[str, Finding] = {}
        for key, group in groups.items():
            try:
                pairs[key] = self._log_ratios(group, side=self.candidate)
            except ValueError as error:
                broken[key] = self._no_pairs(group, str(error))
        decisions = decide(pairs, self.margins) if pairs else {}
        moved = self._moved(groups) if self.sentinel else []
        return [broken.get(key) or self._finding(group, decisions[key], moved) for key, group in groups.items()]

    def _log_ratios(self, group: Sequence[Measurement], *, side: str) -> list[float]:
        ours = [sample for sample in group if fnmatchcase(sample.variant, side)]
        theirs = [sample for sample in group if fnmatchcase(sample.variant, self.baseline)]
        if len(ours) != 1 or len(theirs) != 1:
            raise ValueError(f"only {counted(sample.variant or 'unnamed' for sample in group)}")
        ratios = log_ratios(baseline=theirs[0].values, candidate=ours[0].values)
        return [-each for each in ratios] if ours[0].metric.better is Better.HIGHER else ratios

    def _moved(self, groups: Mapping[str, Sequence[Measurement]]) -> list[str]:
        """Name the scenarios whose sentinel, which is the baseline again, is called slower; or was not measured."""
        moved, pairs = [], {}
        for group in groups.values():
            try:
                pairs[group[0].scenario] = self._log_ratios(group, side=self.sentinel)
            except ValueError:
                moved.append(group[0].scenario)
        decisions = decide(pairs, self.margins) if pairs else {}
        return moved + [name for name, each in decisions.items() if each.conclusion is Conclusion.SLOWER]

    def _finding(self, group: Sequence[Measurement], decision: Decision, moved: Sequence[str]) -> Finding:
        subject = next((sample for sample in group if fnmatchcase(sample.variant, self.candidate)), group[0])
        outcome = {
            Conclusion.SLOWER: self.broken(),
            Conclusion.NOT_SLOWER: Outcome.PASS,
            Conclusion.UNDECIDED: Outcome.INCONCLUSIVE,
        }[decision.conclusion]
        void = f"; void: the sentinel, the baseline against itself, moved in {counted(moved)}" if moved else ""
        found = self.finding(
            subject,
            outcome=Outcome.INCONCLUSIVE if moved else outcome,
            expected=f"slower by at most {_percent(self.fail_above)}, or proven below {_percent(self.pass_below)}",
            found=f"{_told(decision)}{self._too_few(decision)}{void}",
            variant=f"{self.candidate}/{self.baseline}",
        )
        return replace(found, margins=(self.fail_above, self.pass_below))

    def _too_few(self, decision: Decision) -> str:
        if decision.pairs >= self.looks[0]:
            return ""
        return f"; {self.looks[0]} pairs are the fewest that can decide"

    def _no_pairs(self, group: Sequence[Measurement], problem: str) -> Finding:
        return self.finding(
            group[0],
            outcome=self.incomplete(group),
            expected=f"pairs of {self.baseline!r} and {self.candidate!r}",
            found=problem,
            variant=f"{self.candidate}/{self.baseline}",
        )


def _told(decision: Decision) -> str:
    interval = f"{_signed(decision.effect_lower)} to {_signed(decision.effect_upper)}"
    return (
        f"{decision.conclusion.value}: {_signed(decision.effect)} (95 % interval {interval}), {decision.pairs} pairs, "
        f"noise {_percent(decision.spread)} a pair"
    )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2g} %"


def _signed(fraction: float) -> str:
    return f"{100 * fraction:+.1f} %"
