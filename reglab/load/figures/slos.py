"""Applies the policy's SLOs, the rules named slo-…, to one run of load: the judge does, and so may its probes."""

from collections.abc import Iterable
from dataclasses import replace

from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.policy import Policy
from reglab.report.records import Measurement
from reglab.report.rules.budget import BudgetRule

SLO_PREFIX = "slo-"


def slo_findings(measurements: Iterable[Measurement], policy: Policy) -> list[Finding]:
    """Return what the SLOs find; none about what was not measured."""
    samples = [replace(line, instrument="load") for line in measurements]
    return [
        finding
        for rule in policy.rule
        if rule.instrument == "load" and rule.name.startswith(SLO_PREFIX)
        for finding in rule.findings([sample for sample in samples if rule.selects(sample)])
    ]


def percentile_limits(policy: Policy) -> dict[str, float]:
    """Return the largest value that the SLOs allow to each metric of the whole of a load."""
    limits: dict[str, float] = {}
    for rule in policy.rule:
        is_slo = rule.instrument == "load" and rule.name.startswith(SLO_PREFIX) and rule.endpoint in ("*", "")
        if is_slo and isinstance(rule, BudgetRule) and rule.at_most is not None:
            limits |= {metric: min(rule.at_most, limits.get(metric, rule.at_most)) for metric in rule.metrics}
    return limits


def breaches(findings: Iterable[Finding]) -> list[str]:
    """Say in a line each which SLOs are broken."""
    return [
        f"{finding.metric} of {finding.endpoint or 'the whole'}: {finding.found}, expected {finding.expected}"
        for finding in findings
        if finding.outcome is Outcome.FAIL
    ]
