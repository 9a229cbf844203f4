"""One request to each endpoint: nplusone raises by itself."""

from collections.abc import Callable
from typing import Any

from tools.scoreboard.shared.scenarios import Scenario


def test_request(scenario: Scenario, send_request: Callable[[], Any]) -> None:
    """The endpoint loads no relation row by row, and none that it does not use."""
    send_request()
