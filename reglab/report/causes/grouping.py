"""Groups the open findings of a verdict by what explains them, in the order of blame."""

from collections.abc import Iterable, Sequence

from reglab.report.causes.cause import Cause, list_of
from reglab.report.causes.following import following, other_sides
from reglab.report.causes.merging import (
    by_anchor,
    of_one_answer_or_statement,
    of_one_function,
    of_one_setting,
    of_same_callers,
    of_same_words,
)
from reglab.report.concerns import Concern
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome


def causes_of(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """Group what fails or is undecided: worst first, then by concern; what got better after what got worse."""
    open_findings = [each for each in findings if each.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}]
    settled = of_one_setting(of_same_callers(of_one_answer_or_statement(by_anchor(open_findings))))
    groups = following(of_same_words(settled))
    groups = of_one_function(other_sides(groups))
    causes = [Cause(findings=(*_sorted(own), *_sorted(costs))) for own, costs in groups]
    return tuple(sorted(causes, key=_cause_order))


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    """Sort the findings of one cause. A service that fails at several endpoints of a load is told as a whole first."""
    endpoints = {each.endpoint for each in findings if each.instrument == "load" and each.endpoint}
    return sorted(findings, key=lambda each: (len(endpoints) > 1 and bool(each.endpoint), _order(each)))


def _order(finding: Finding) -> tuple[int, ...]:
    """Put first what is named at an endpoint, by its concern, what has evidence, and of an answer a list's length.

    Of an answer in another order comes first the statement whose rows have none.

    Before all of these stands why a load is undecided, which the instrument remarks without a metric.
    """
    is_a_reason = finding.outcome is Outcome.INCONCLUSIVE and finding.instrument == "load" and not finding.metric
    listed = not list_of(finding)
    is_unsafe = finding.rule == "load-unsafe"
    # An answer has no line of its own: what stands behind it in the evidence is what may have made it.
    has_own_line = bool(finding.place or (finding.evidence and finding.evidence[0].source))
    is_mute = finding.concern is Concern.ANSWERS and not has_own_line
    own = (finding.concern.rank, not finding.evidence, listed, is_mute)
    return (not is_unsafe, not is_a_reason, not finding.endpoint, *own)


def _cause_order(cause: Cause) -> tuple[int, bool, int, float, int]:
    """What fails before what is undecided, worse before better, by concern; of rows first what is farthest off."""
    concern = cause.first.concern
    changes = [each.change for each in cause.findings if each.concern is concern is Concern.ROWS]
    change = max(changes, default=0.0)
    return (-cause.outcome.severity, cause.is_better, concern.rank, -change, -len(cause.findings))
