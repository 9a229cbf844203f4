"""The time of each endpoint's request, with pytest-benchmark's own calibration of rounds."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from tools.scoreboard.shared.scenarios import Scenario


def test_time(scenario: Scenario, send_request: Callable[[], Any], benchmark: Any) -> None:
    """One request, rolled back where it writes, so that the next round finds the same rows."""

    def rolled_back() -> None:
        with transaction.atomic():
            send_request()
            transaction.set_rollback(True)

    benchmark(rolled_back if scenario.is_write else send_request)
