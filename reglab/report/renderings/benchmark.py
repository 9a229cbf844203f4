"""The verdict's measurements for github-action-benchmark, whose file holds one better direction."""

import json
from typing import Any

from reglab.metrics import Better
from reglab.report.records import Measurement
from reglab.report.renderings.bencher import name_of, name_of_finding
from reglab.report.verdict import Verdict


def render_smaller(verdict: Verdict) -> str:
    """Return what is better when smaller, for `tool: customSmallerIsBetter`: costs, and the open findings."""
    findings = [
        {
            "name": name_of_finding(finding),
            "unit": "severity",
            "value": finding.outcome.severity,
            "extra": f"expected {finding.expected}, found {finding.found}",
        }
        for finding in verdict.open_findings
    ]
    return _text([*_entries(verdict, Better.LOWER), *findings])


def render_bigger(verdict: Verdict) -> str:
    """Return what is better when bigger, for `tool: customBiggerIsBetter`: throughput and capacity."""
    return _text(_entries(verdict, Better.HIGHER))


def _entries(verdict: Verdict, better: Better) -> list[dict[str, Any]]:
    return [_entry(sample) for sample in verdict.samples if sample.metric.better is better]


def _entry(sample: Measurement) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": f"{name_of(sample)} / {sample.metric.name}",
        "unit": sample.metric.unit,
        "value": sample.median,
        "extra": sample.endpoint,
    }
    if not sample.is_constant:
        entry["range"] = f"{min(sample.values)} to {max(sample.values)}"
    return entry


def _text(entries: list[dict[str, Any]]) -> str:
    return f"{json.dumps(entries, indent=2, ensure_ascii=False)}\n"
