"""One rule of stability, for what is accepted and what is judged: within the tolerance of the counter's own rule."""

from collections.abc import Iterable
from dataclasses import replace
from statistics import median_low

from reglab.report.records import Measurement
from reglab.report.rules.accepted import AcceptedRule


class Stability:
    """The tolerances of the rules that hold counters against the ledger."""

    def __init__(self, rules: Iterable[object]) -> None:
        self._rules = [rule for rule in rules if isinstance(rule, AcceptedRule)]

    def typical(self, measurement: Measurement) -> int:
        """Return the value that stands for the repetitions: the low median, one of those that were really counted."""
        return int(median_low(measurement.values))

    def is_stable(self, measurement: Measurement) -> bool:
        """Return whether every repetition would be accepted beside the typical one."""
        return self.allows(measurement, accepted=self.typical(measurement))

    def allows(self, measurement: Measurement, *, accepted: int) -> bool:
        """Return whether every repetition is what was accepted, within the rule's tolerance."""
        limit = self._limit(measurement, accepted)
        return all(abs(value - accepted) <= limit for value in measurement.values)

    def _limit(self, measurement: Measurement, accepted: int) -> float:
        judged = replace(measurement, instrument="work")
        rule = next((rule for rule in self._rules if rule.selects(judged)), None)
        return rule.limit(accepted) if rule else 0.0
