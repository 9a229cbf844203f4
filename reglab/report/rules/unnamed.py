"""The rule for work counters that no policy names: a new counter gates from the day on which its file is there."""

from collections.abc import Iterable

from reglab.report.records import Measurement
from reglab.report.rules.accepted import AcceptedRule
from reglab.report.rules.base import Rule


def unnamed_counters(rules: Iterable[Rule], measurements: Iterable[Measurement]) -> tuple[AcceptedRule, ...]:
    """Return a rule for the counters that the ledger holds and none of `rules` names; none where all are named."""
    named = {name for rule in rules if rule.instrument == "work" for name in rule.metrics}
    measured = {line.metric for line in measurements if _is_to_be_judged(line)}
    unnamed = sorted(metric.name for metric in measured if metric.name not in named)
    if not unnamed:
        return ()
    rule = AcceptedRule(
        name="counters-accepted",
        instrument="work",
        metrics=tuple(unnamed),
        test="accepted",
        reason="A counter that no rule of the policy names is judged all the same: it is what the ledger holds.",
        next_step='Look at the evidence; if it is meant: reglab audit --accept "why".',
    )
    return (rule,)


def _is_to_be_judged(line: Measurement) -> bool:
    return line.instrument == "work" and line.gates and line.metric.is_accepted
