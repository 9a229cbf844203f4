"""The verdict's measurements in Bencher Metric Format: https://bencher.dev/docs/reference/bencher-metric-format."""

import json
from typing import Final

from reglab.metrics import Better
from reglab.report.findings import Finding
from reglab.report.records import Measurement, Number
from reglab.report.verdict import Verdict

_NAME_CHARACTERS: Final = 1024  # Bencher's own limit for the name of a benchmark


def render(verdict: Verdict) -> str:
    """Return each sample as a benchmark with one measure, and the severity of each open finding as another.

    A sampled metric brings its least and greatest value as bounds. The findings are there so that a dashboard fed
    from this file alone shows what the verdict shows.
    """
    document: dict[str, dict[str, dict[str, Number]]] = {}
    for sample in verdict.samples:
        document.setdefault(name_of(sample), {})[sample.metric.name.replace("_", "-")] = _measure(sample)
    for finding in verdict.open_findings:
        document.setdefault(name_of_finding(finding), {})["severity"] = {"value": finding.outcome.severity}
    document["verdict"] = {"severity": {"value": verdict.outcome.severity}}
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"


def name_of(sample: Measurement) -> str:
    """Name what a sample is about, without its metric: equal in every run."""
    words = (sample.instrument, sample.scenario, sample.part, sample.variant)
    return " / ".join(word for word in words if word)[:_NAME_CHARACTERS]


def name_of_finding(finding: Finding) -> str:
    """Name a finding as a benchmark, so that a dashboard can follow it over runs."""
    return f"finding: {finding.title}"[:_NAME_CHARACTERS]


def _measure(sample: Measurement) -> dict[str, Number]:
    if sample.is_constant or sample.metric.better is Better.SAME:
        return {"value": sample.median}
    return {"value": sample.median, "lower_value": min(sample.values), "upper_value": max(sample.values)}
