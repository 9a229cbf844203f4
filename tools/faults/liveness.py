"""Asks for liveness and readiness all the time, on connections of its own, and keeps the slowest answers."""

import threading
from typing import Self

from tools.faults.client import Client, Unanswered

INTERVAL_S = 0.2


class Liveness(threading.Thread):
    """A context manager: a load balancer's probe, as impatient as possible."""

    def __init__(self, port: int, *, path: str = "/healthz/live") -> None:
        super().__init__(name=path)
        self._client = Client(port, timeout_s=10)
        self._path = path
        self._stop_event = threading.Event()
        self.seconds: list[float] = []
        self.unanswered = 0
        self.statuses: set[int] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_event.set()
        self.join()

    @property
    def seconds_max(self) -> float:
        """The slowest answer."""
        return max(self.seconds, default=0.0)

    def run(self) -> None:
        """Ask until it is stopped."""
        while not self._stop_event.wait(INTERVAL_S):
            try:
                answer = self._client.get(self._path)
            except Unanswered:
                # A worker that was killed takes its connections with it.
                self.unanswered += 1
                continue
            self.seconds.append(answer.seconds)
            self.statuses.add(answer.status)
