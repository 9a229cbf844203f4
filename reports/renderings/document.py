"""The verdict as JSON, for programs. Its schema is published in docs/schema/verdict.json."""

import json
from dataclasses import asdict
from typing import Any, Final

from reports.findings import Finding
from reports.records import Record
from reports.samples import Sample
from reports.verdict import Verdict

SCHEMA_ID: Final = "verdict-1.json"


def render(verdict: Verdict) -> str:
    """Return the verdict as a JSON document that conforms to the published schema."""
    document = {
        "schema": SCHEMA_ID,
        "outcome": verdict.outcome.value,
        "exit_code": verdict.exit_code,
        "summary": verdict.summary,
        "run": verdict.run,
        "folder": verdict.folder,
        "policy": verdict.policy,
        "judged_at": verdict.judged_at,
        "only": list(verdict.only),
        "counts": {outcome.value: count for outcome, count in verdict.counts.items()},
        "findings": [_finding(finding) for finding in verdict.findings],
        "records": [_record(record) for record in verdict.records],
        "samples": [_sample(sample) for sample in verdict.samples],
    }
    return f"{json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)}\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "title": finding.title, "cause": finding.cause}


def _record(record: Record) -> dict[str, Any]:
    return {
        "file": record.path,
        "instrument": record.header.instrument,
        "subject": record.header.subject,
        "revision": record.header.revision,
        "started_at": record.header.started_at,
        "finished_at": record.footer.finished_at,
        "completion": record.footer.completion.value,
        "reason": record.footer.reason,
        "context": dict(record.header.context),
        "environment": asdict(record.header.environment),
    }


def _sample(sample: Sample) -> dict[str, Any]:
    """The evidence of a sample stands in its findings; here are the numbers that a dashboard draws."""
    return {
        "instrument": sample.instrument,
        "scenario": sample.scenario,
        "endpoint": sample.endpoint,
        "metric": sample.metric.name,
        "unit": sample.metric.unit,
        "better": sample.metric.better.value,
        "assumption": sample.metric.assumption.value,
        "part": sample.part,
        "variant": sample.variant,
        "values": list(sample.values),
        "accepted": sample.accepted,
        "gates": sample.gates,
    }
