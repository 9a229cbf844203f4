"""The verdict as JSON, for programs: docs/schema/verdict-1.json has its schema. A finding, record or sample a line."""

import json
from dataclasses import asdict, fields, replace
from typing import Any, Final

from reglab.report.causes.cause import Cause
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import Measurement, Record
from reglab.report.renderings.headlines import advice, headline, source_of, statement_of
from reglab.report.verdict import Verdict

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
        "policy_replaced": verdict.replaced,
        "policy_changes": [
            {"rule": each.rule, "reason": each.reason, "values": each.values} for each in verdict.changes
        ],
        "counts": {outcome.value: count for outcome, count in verdict.counts.items()},
        "causes": [_cause(cause, verdict) for cause in verdict.causes],
        "findings": [_finding(finding) for finding in verdict.findings],
        "records": [_record(record) for record in verdict.records],
        "samples": [_sample(sample) for sample in verdict.samples],
    }
    lines = ",\n".join(f"{_text(key)}: {_block(value)}" for key, value in document.items())
    return f"{{\n{lines}\n}}\n"


def _block(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _text(value)
    lines = ",\n".join(_text(each) for each in value)
    return f"[\n{lines}\n]"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _cause(cause: Cause, verdict: Verdict) -> dict[str, Any]:
    indices = {id(finding): index for index, finding in enumerate(verdict.findings)}
    return {
        "outcome": cause.outcome.value,
        "headline": headline(cause, verdict.records),
        "advice": advice(cause),
        "file": cause.place.file if cause.place else "",
        "line": cause.place.line if cause.place else None,
        "source": source_of(cause),
        "statement": statement_of(cause),
        "next_step": cause.first.next_step,
        "is_better": cause.is_better,
        "endpoints": list(cause.endpoints),
        "metrics": list(cause.metrics),
        "findings": [indices[id(finding)] for finding in cause.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """Of a pass, the rule and the figures: it has no cause and no next step, and its evidence stands in its record."""
    passed = finding.outcome is Outcome.PASS
    told = replace(finding, evidence=(), next_step="") if passed else finding
    own = {field.name: getattr(told, field.name) for field in fields(told)}
    own["concern"] = finding.concern.value
    evidence = [asdict(each) for each in told.evidence]
    return {**own, "evidence": evidence, "title": told.title, "cause": told.cause}


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


def _sample(sample: Measurement) -> dict[str, Any]:
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
