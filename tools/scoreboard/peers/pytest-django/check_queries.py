"""One exact count of statements for each endpoint, as pytest-django's page "Django helpers" has it."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tools.scoreboard.shared.scenarios import Scenario

COUNTS = Path(__file__).with_name("counts.json")


def test_queries(scenario: Scenario, send_request: Callable[[], Any], django_assert_num_queries: Any) -> None:
    """The endpoint runs as many statements as were counted when the test was written."""
    if os.environ.get("SCOREBOARD_RECORD") == "committed":
        _write_down(scenario.name, send_request)
        return
    with django_assert_num_queries(json.loads(COUNTS.read_text())[scenario.name]):
        send_request()


def _write_down(name: str, send_request: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as captured:
        send_request()
    counts = json.loads(COUNTS.read_text()) if COUNTS.is_file() else {}
    COUNTS.write_text(json.dumps({**counts, name: len(captured)}, indent=1) + "\n")
