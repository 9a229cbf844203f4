"""One committed record of statements for each endpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import django_perf_rec

from tools.scoreboard.shared.scenarios import Scenario

RECORDS = Path(__file__).with_name("records.perf.yml")


def test_record(scenario: Scenario, send_request: Callable[[], Any]) -> None:
    """The endpoint runs the statements of its record, in their order."""
    with django_perf_rec.record(path=str(RECORDS), record_name=scenario.name):
        send_request()
