"""The two threads that send requests, each on connections of its own."""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db import connections
from django.http.response import HttpResponseBase

from reglab.project.requests.test_client import Request, Visitor
from reglab.project.source_lines import ProjectFrames
from reglab.race.scheduling.scheduler import Side, Turns
from reglab.race.scheduling.stop_points import gated

# How long a side may take to end when nothing holds it any more.
GRACE_SECONDS: Final = 20.0

# libpq's PQTRANS_IDLE, which both drivers spell as a number.
_IDLE = 0


class Errand:
    """One side's requests in one meeting, and what came back; `error` is the exception that a view raised."""

    def __init__(
        self, *, side: Side, turns: Turns, visitor: Visitor, requests: tuple[Request, ...], frames: ProjectFrames
    ) -> None:
        self.requests = requests
        self.responses: list[HttpResponseBase] = []
        self.error: BaseException | None = None
        self.broken: BaseException | None = None
        self.is_over = threading.Event()
        self.thread: threading.Thread | None = None
        self._side = side
        self._turns = turns
        self._visitor = visitor
        self._frames = frames

    def do(self) -> None:
        """Wait for the first turn, send, and leave the thread's connections as a server would."""
        self.thread = threading.current_thread()
        try:
            self._turns.begin(self._side)
            with gated(self._side, self._turns, frames=self._frames):
                self._visitor.send(self.requests, responses=self.responses)
        except BaseException as error:  # noqa: BLE001  # raised again by the referee's thread
            self.broken = error
        finally:
            _close_unfinished()
            self._turns.end(self._side)
            self.is_over.set()


class Worker:
    """A thread that runs one errand after another. Its connections last until it is closed, as persistent ones do."""

    def __init__(self) -> None:
        self._errands: SimpleQueue[Errand | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, errand: Errand) -> None:
        """Begin an errand, in the present thread or a new one."""
        if self._thread is None:
            thread = threading.Thread(target=_work, args=(self._errands,), name="race side", daemon=True)
            thread.start()
            # Only now: Ctrl-C may come while it starts, and what has not started cannot be joined.
            self._thread = thread
        self._errands.put(errand)

    def close(self) -> None:
        """End the thread and its connections. An errand that is under way ends first."""
        if self._thread is not None:
            self._errands.put(None)
            self._thread.join(GRACE_SECONDS)
            self._thread = None


@contextmanager
def exceptions_noted(errands: Sequence[Errand]) -> Iterator[None]:
    """Note a view's exception with the side whose thread raised it: the test clients themselves mix them up."""

    def note(**_: Any) -> None:
        for errand in errands:
            if errand.thread is threading.current_thread():
                errand.error = sys.exc_info()[1]

    got_request_exception.connect(note)
    try:
        yield
    finally:
        got_request_exception.disconnect(note)


def _work(errands: "SimpleQueue[Errand | None]") -> None:
    while (errand := errands.get()) is not None:
        errand.do()
    connections.close_all()


def _close_unfinished() -> None:
    """Close the thread's connections that are broken, or in the midst of a transaction that nobody will end."""
    for connection in connections.all(initialized_only=True):
        raw = connection.connection
        if raw is not None and (raw.closed or int(raw.info.transaction_status) != _IDLE):
            connection.close()
