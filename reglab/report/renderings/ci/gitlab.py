"""The verdict as a code quality report of GitLab, which a merge request shows at its lines."""

import json
from typing import Final

from reglab.report.concerns import Concern
from reglab.report.outcomes import Outcome
from reglab.report.renderings.ci.fingerprint import fingerprint_of
from reglab.report.renderings.headlines import advice, headline, shown_at
from reglab.report.verdict import Verdict

_SEVERE: Final = frozenset({Concern.ACCESS, Concern.DATA})


def render(verdict: Verdict) -> str:
    """Return an entry a cause (docs.gitlab.com, "Code Quality report format")."""
    entries = []
    for cause in verdict.causes:
        severity = "minor" if cause.outcome is Outcome.INCONCLUSIVE or cause.is_better else "major"
        if cause.outcome is Outcome.FAIL and cause.first.concern in _SEVERE:
            severity = "blocker"
        told = (headline(cause, verdict.records), advice(cause), shown_at(cause))
        entries.append(
            {
                "description": " · ".join(text for text in told if text),
                "check_name": cause.first.rule,
                "fingerprint": fingerprint_of(cause),
                "severity": severity,
                "location": {
                    # The format demands a file: the verdict itself where no line is known.
                    "path": verdict.host.path(cause.place.file) if cause.place else f"{verdict.folder}/verdict.json",
                    "lines": {"begin": max(1, cause.place.line) if cause.place else 1},
                },
            }
        )
    return f"{json.dumps(entries, indent=1, ensure_ascii=False)}\n"
