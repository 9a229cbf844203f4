"""Applies the policy's SLOs, the rules named slo-…, to one run of load: the judge does, and so may its probes."""

from collections.abc import Iterable
from dataclasses import replace

from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.policy import Policy
from reglab.report.records import Measurement

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


def breaches(findings: Iterable[Finding]) -> list[str]:
    """Say in a line each which SLOs are broken."""
    return [
        f"{finding.metric} of {finding.endpoint or 'the whole'}: {finding.found}, expected {finding.expected}"
        for finding in findings
        if finding.outcome is Outcome.FAIL
    ]
