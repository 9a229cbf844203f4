"""The rule `accepted`: a work counter is what the ledger holds, no more and no less."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from reglab.metrics import Better
from reglab.report import checksums
from reglab.report.findings import Finding, formatted, told_apart, with_unit
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement
from reglab.report.rules.base import STRICT
from reglab.report.rules.exact import ExactRule

ACCEPTED_VALUES: Final = "the accepted values"
NO_FIELD: Final = "no such field"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AcceptedRule(ExactRule):
    """Each value equals the accepted one, within `tolerance` (a fraction) or `slack` (in the metrics' unit).

    Both are 0 but for counters that any helper moves: the larger of the two holds, so that a small total is not moved
    by what is nothing in a large one.
    """

    test: Literal["accepted"]
    slack: Annotated[float, Field(ge=0)] = 0.0

    def limit(self, accepted: float) -> float:
        """Return by how much a value may differ from the accepted one."""
        return max(abs(accepted) * self.tolerance, self.slack)

    def findings(self, samples: Sequence[Measurement]) -> list[Finding]:
        """Return one finding a sample; none of what neither gates nor has a value to be held against."""
        return [self._finding(sample) for sample in samples if sample.gates or sample.accepted is not None]

    def _finding(self, sample: Measurement) -> Finding:
        if sample.accepted is None:
            return self.finding(
                sample,
                outcome=self.broken(),
                expected="an accepted value",
                found=f"{with_unit(formatted(sample.median), sample.metric.unit)}, not in the ledger",
            )
        if sample.metric.unit == checksums.UNIT:
            return self._of_answers(sample, sample.accepted)
        limit = self.limit(sample.accepted)
        odd = [value for value in sample.values if abs(value - sample.accepted) > limit]
        found, expected = told_apart(odd[0] if odd else sample.values[0], sample.accepted)
        is_constant = len(odd) == len(sample.values)
        # Where one repetition is as accepted and another is not, the counter disagrees with itself: it proves nothing.
        outcome = Outcome.PASS if not odd else self.broken() if is_constant else Outcome.NOTE
        once = ", and as accepted another time" if odd and not is_constant else ""
        return self.finding(
            sample,
            outcome=outcome,
            expected=with_unit(expected, sample.metric.unit),
            found=f"{with_unit(found, sample.metric.unit)}{_difference(odd, sample.accepted)}{once}",
            is_better=bool(odd) and _is_better(odd, sample),
            change=abs(odd[0] - sample.accepted) / max(abs(sample.accepted), 1) if odd else 0.0,
        )

    def _of_answers(self, sample: Measurement, accepted: float) -> Finding:
        """Judge a checksum: it stands for values, which say more than the number."""
        odd = [value for value in sample.values if value != accepted]
        found = odd[0] if odd else accepted
        shown = sample.evidence[0].text.removeprefix(f"{sample.part}: ") if sample.evidence else "other values"
        is_constant = len(odd) == len(sample.values)
        return self.finding(
            sample,
            outcome=Outcome.PASS if not odd else self.broken() if is_constant else Outcome.NOTE,
            expected=_answered(accepted) or ACCEPTED_VALUES,
            found=_answered(found) or shown,
            change=1.0 if odd else 0.0,
        )


def _answered(checksum: float) -> str:
    return checksums.value_behind(checksum) if checksum else NO_FIELD


def _is_better(odd: Sequence[float], sample: Measurement) -> bool:
    if sample.accepted is None or sample.metric.better is Better.SAME:
        return False
    accepted, rises = sample.accepted, sample.metric.better is Better.HIGHER
    return all((value > accepted) is rises for value in odd)


def _difference(odd: Sequence[float], accepted: float) -> str:
    if not odd:
        return ""
    difference = odd[0] - accepted
    return f" ({'+' if difference > 0 else '−'}{formatted(abs(difference))})"  # noqa: RUF001 -- a minus sign, for people
