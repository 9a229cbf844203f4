"""No prescription that the baseline does not have: what `check_queries --baseline … --fail-on-regression` asks.

The command sends plain GETs; `diagnose_queries()`, which the readme has for tests, reaches every method.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from query_doctor.baseline import BaselineSnapshot
from query_doctor.context_managers import diagnose_queries

from tools.scoreboard.shared.scenarios import Scenario

BASELINES = Path(os.environ["SCOREBOARD_STATE"])


def test_prescriptions(scenario: Scenario, send_request: Callable[[], Any]) -> None:
    """The endpoint gets no new prescription."""
    with diagnose_queries() as report:
        send_request()
    baseline = BASELINES / f"{scenario.name}.query-baseline.json"
    issues = [_issue(prescription) for prescription in report.prescriptions]
    if os.environ.get("SCOREBOARD_RECORD"):
        BaselineSnapshot(issues).save(baseline)
        return
    new = BaselineSnapshot.load(baseline).find_regressions(issues)
    assert not new, f"new prescription: {new[0]['description']}"


def _issue(prescription: Any) -> dict[str, Any]:
    """Give a prescription the form that `check_queries` gives it for its baseline."""
    callsite = prescription.callsite
    return {
        "issue_type": prescription.issue_type.value,
        "severity": prescription.severity.value,
        "description": prescription.description,
        "file_path": callsite.filepath if callsite else "",
        "line": callsite.line_number if callsite else 0,
        "fix_suggestion": prescription.fix_suggestion,
    }
