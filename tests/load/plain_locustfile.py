"""A plain closed-model FastHttpUser: what the open arrivals are compared with. Writes its requests a CPU-second."""

import json
import os
from pathlib import Path
from time import process_time
from typing import Any

from locust import FastHttpUser, events, task

BEGUN: list[float] = []


class Plain(FastHttpUser):
    """Asks for the list, again and again."""

    @task
    def read(self) -> None:
        """Send one GET."""
        self.client.get("/api/orders/?page_size=20", name="GET /api/orders/")


@events.test_start.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _begin(**_: Any) -> None:
    BEGUN.append(process_time())


@events.test_stop.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _end(environment: Any, **_: Any) -> None:
    rate = environment.stats.total.num_requests / (process_time() - BEGUN[0])
    Path(os.environ["RATE_FILE"]).write_text(json.dumps(rate), encoding="utf-8")
