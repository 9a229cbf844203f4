"""Record of Silk for each request, against what it recorded when the test was written.

Silk has no gate: its models hold the number of statements of each request, and a script over them is all that a user
can fail a build with.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from silk.models import Request

from tools.scoreboard.shared.scenarios import Scenario

COUNTS = Path(__file__).with_name("counts.json")


def test_profile(scenario: Scenario, send_request: Callable[[], Any]) -> None:
    """Silk sees as many statements as when the test was written."""
    Request.objects.all().delete()
    send_request()
    found = Request.objects.latest("start_time").num_sql_queries
    counts = json.loads(COUNTS.read_text()) if COUNTS.is_file() else {}
    if os.environ.get("SCOREBOARD_RECORD") == "committed":
        COUNTS.write_text(json.dumps({**counts, scenario.name: found}, indent=1) + "\n")
        return
    assert found == counts[scenario.name], f"Silk saw {found} statements, expected {counts[scenario.name]}"
