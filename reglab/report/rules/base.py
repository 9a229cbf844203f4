"""Base of every rule: a name, a reason, and the selectors that say which samples it is about."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, field_validator
from pydantic.dataclasses import dataclass

from reglab.config.nearest_word import nearest
from reglab.metrics import METRICS, Shown
from reglab.report.concerns import Concern
from reglab.report.findings import Finding, counted
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Instrument, Measurement

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Rule:
    """One thing that must hold of the samples that it selects. Selectors are shell globs; all of them must match.

    `breach` is what breaking the rule comes to; `min_samples` the fewest values that can decide anything. `absent` is
    what it comes to where nothing was measured that the rule is about: a note for a counter that only some databases
    or interpreters have. An empty `endpoint` is the whole of a load, which stands under its profile's name.
    """

    name: Text
    instrument: Instrument
    metrics: Annotated[tuple[Text, ...], Field(min_length=1)]
    reason: Text
    next_step: Text
    unit: str = ""
    concern: Concern = Concern.REST
    scenario: Text = "*"
    endpoint: str = "*"
    part: str = "*"
    variant: str = "*"
    breach: Literal["fail", "inconclusive", "note"] = "fail"
    min_samples: Annotated[int, Field(ge=1)] = 1
    absent: Literal["fail", "inconclusive", "note"] = "fail"

    @field_validator("metrics")
    @classmethod
    def _are_declared(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in METRICS:
                raise ValueError(f"no metric is called {name!r}{nearest(name, METRICS)}")
        return names

    def selects(self, sample: Measurement) -> bool:
        """Whether this rule is about `sample`."""
        return (
            sample.instrument == self.instrument
            and sample.metric.name in self.metrics
            and fnmatchcase(sample.scenario, self.scenario)
            and fnmatchcase(sample.endpoint, self.endpoint)
            and fnmatchcase(sample.part, self.part)
            and fnmatchcase(sample.variant, self.variant)
        )

    def finding(
        self,
        sample: Measurement,
        *,
        outcome: Outcome,
        expected: str,
        found: str,
        variant: str | None = None,
        evidence: tuple[Evidence, ...] | None = None,
        is_better: bool = False,
        change: float = 0.0,
    ) -> Finding:
        """Return the finding of this rule on `sample`; a sample that does not gate comes to a note at most."""
        if not sample.gates and outcome is not Outcome.PASS:
            outcome = Outcome.NOTE
        if sample.doubt and outcome is Outcome.FAIL:
            outcome, found = Outcome.INCONCLUSIVE, f"{found}, while {sample.doubt}"
        return Finding(
            rule=self.name,
            outcome=outcome,
            expected=expected,
            found=found,
            instrument=self.instrument,
            scenario=sample.scenario,
            endpoint=sample.endpoint,
            metric=sample.metric.name,
            part=sample.part,
            variant=sample.variant if variant is None else variant,
            unit=self.unit or sample.metric.unit,
            evidence=sample.evidence if evidence is None else evidence,
            next_step=self.next_step,
            reason=self.reason,
            concern=self._concern(sample, sample.evidence if evidence is None else evidence),
            is_better=is_better,
            change=change,
        )

    def _concern(self, sample: Measurement, evidence: tuple[Evidence, ...]) -> Concern:
        """What a breach is about: of rows those that are written, of growth that of statements, count for more."""
        if self.concern is Concern.ROWS and sample.metric.shown is Shown.WRITES:
            return Concern.WRITES
        is_of_costs = self.concern is Concern.GROWTH and evidence and evidence[0].kind != "statement"
        return Concern.COST_GROWTH if is_of_costs else self.concern

    def broken(self) -> Outcome:
        """What a breach of this rule comes to."""
        return Outcome(self.breach)

    def unproven(self) -> Outcome:
        """What a breach comes to that something else than the subject explains: inconclusive at most."""
        return min(self.broken(), Outcome.INCONCLUSIVE, key=lambda outcome: outcome.severity)

    def incomplete(self, samples: Iterable[Measurement]) -> Outcome:
        """What a missing side comes to: a fail, unless the stage was interrupted before it came to it."""
        return Outcome.INCONCLUSIVE if any(sample.is_cut_short for sample in samples) else Outcome.FAIL

    def without_samples(self, samples: Iterable[Measurement], *, chosen: str = "") -> Finding:
        """Say that nothing was measured that this rule is about: a rule that judges nothing is not a pass.

        Where the stage was asked for a part alone, as `chosen` says, the rule may be about another: a note.
        """
        scenarios = sorted({sample.scenario for sample in samples if sample.instrument == self.instrument})
        there = f"The record has {counted(scenarios)}." if scenarios else "The record holds no measurement at all."
        return Finding(
            rule=self.name,
            outcome=Outcome.NOTE if chosen else Outcome(self.absent),
            expected=f"at least one measurement of {counted(self.metrics)} in {self.scenario!r}",
            found=f"none: {chosen}" if chosen else "none",
            instrument=self.instrument,
            scenario="" if self.scenario == "*" else self.scenario,
            metric=self.metrics[0],
            unit=self.unit,
            concern=self.concern,
            next_step=""
            if chosen
            else f"Run the stage {self.instrument!r} again, or mend the rule's selectors. {there}",
            reason=self.reason,
        )

    def too_few(self, sample: Measurement) -> Finding:
        """Say that a sample is too small to decide."""
        return self.finding(
            sample,
            outcome=Outcome.INCONCLUSIVE,
            expected=f"at least {self.min_samples} values",
            found=f"{len(sample.values)}",
        )


def by_quantity(samples: Iterable[Measurement]) -> list[list[Measurement]]:
    """Group samples that differ in their variant alone."""

    def quantity(sample: Measurement) -> tuple[str, ...]:
        return (sample.scenario, sample.metric.name, sample.part)

    return [list(group) for _, group in groupby(sorted(samples, key=quantity), key=quantity)]
