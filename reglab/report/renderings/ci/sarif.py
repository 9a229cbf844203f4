"""The verdict as SARIF 2.1.0, which code hosts show beside the lines of a change."""

import json
from pathlib import Path
from typing import Any, Final

from reglab import __version__
from reglab.report.causes.cause import Cause, Place, place_of_finding
from reglab.report.outcomes import Outcome
from reglab.report.renderings.ci.fingerprint import fingerprint_of
from reglab.report.renderings.headlines import advice, headline, moved, next_step_of, shown_at, statement_of
from reglab.report.verdict import Verdict

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Outcome.FAIL: "error", Outcome.INCONCLUSIVE: "warning"}


def render(verdict: Verdict) -> str:
    """Return one run of one tool: a rule a rule, a result a cause."""
    causes = verdict.causes
    rules = {cause.first.rule: cause.first for cause in causes}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Regression Lab",
                        "version": __version__,
                        "rules": [
                            {
                                "id": name,
                                "shortDescription": {"text": finding.reason or name},
                                "help": {"text": finding.next_step or finding.reason or name},
                            }
                            for name, finding in rules.items()
                        ],
                    }
                },
                "results": [_result(cause, verdict) for cause in causes],
            }
        ],
    }
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n"


def _result(cause: Cause, verdict: Verdict) -> dict[str, Any]:
    told = (
        headline(cause, verdict.records),
        advice(cause),
        statement_of(cause),
        next_step_of(cause),
        f"{shown_at(cause)} · {moved(cause)}",
    )
    result: dict[str, Any] = {
        "ruleId": cause.first.rule,
        "level": _LEVELS[cause.outcome],
        "message": {"text": "\n".join(text for text in told if text)},
        "partialFingerprints": {"cause/v1": fingerprint_of(cause)},
    }
    # Code hosts refuse a whole file for one result without a place: what has no line is about the configuration.
    places = (cause.place, *map(place_of_finding, cause.findings))
    place = next((each for each in places if each is not None), Place(file=_configuration(), line=1))
    result["locations"] = [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": verdict.host.path(place.file)},
                "region": {"startLine": max(1, place.line)},
            }
        }
    ]
    return result


def _configuration() -> str:
    return next((name for name in ("reglab.toml", "pyproject.toml") if Path(name).is_file()), "pyproject.toml")
