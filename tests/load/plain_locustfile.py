"""A plain closed-model FastHttpUser: what the open arrivals are compared with.

It ends after so many seconds of its own CPU, and writes its requests a second of that, and of the clock.
"""

import json
import os
from pathlib import Path
from time import monotonic, process_time
from typing import Any, Final

from locust import FastHttpUser, events, task

CPU_SECONDS: Final = 2.0
BEGUN: list[tuple[float, float]] = []


class Plain(FastHttpUser):
    """Asks for the list, again and again."""

    @task
    def read(self) -> None:
        """Send one GET."""
        self.client.get("/api/orders/?page_size=20", name="GET /api/orders/")
        if BEGUN and process_time() - BEGUN[0][0] > CPU_SECONDS:
            self.environment.runner.quit()


@events.test_start.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _begin(**_: Any) -> None:
    BEGUN.append((process_time(), monotonic()))


@events.test_stop.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _end(environment: Any, **_: Any) -> None:
    requests = environment.stats.total.num_requests
    cpu, clock = BEGUN[0]
    rates = {"cpu": requests / (process_time() - cpu), "clock": requests / (monotonic() - clock)}
    Path(os.environ["RATE_FILE"]).write_text(json.dumps(rates), encoding="utf-8")
