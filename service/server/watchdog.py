"""Ends requests whose database stays silent, by closing the connection under them.

A statement's own time limit is kept by the database, and a database that is frozen, or a network that swallows
packets, keeps none. The request then gets the driver's error, and answers 503 as in any other outage.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

INTERVAL_S = 0.5


class Watchdog:
    """One thread of a worker process, which looks at the running requests twice a second."""

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._watched: dict[int, tuple[float, Any]] = {}
        threading.Thread(target=self._follow, name="watchdog", daemon=True).start()

    @contextmanager
    def watching(self, connection: Any) -> Iterator[None]:
        """Close Django's `connection` where the block takes longer than the limit."""
        thread = threading.get_ident()
        with self._lock:
            self._watched[thread] = (time.monotonic() + self._limit_s, connection)
        try:
            yield
        finally:
            with self._lock:
                del self._watched[thread]

    def _follow(self) -> None:
        while True:
            time.sleep(INTERVAL_S)
            # Under the lock, no request can end and give its connection's file descriptor to another socket.
            with self._lock:
                for deadline, connection in self._watched.values():
                    if deadline < time.monotonic():
                        _cut(connection)


def _cut(connection: Any) -> None:
    # No connection yet, a closed one, or a database without sockets.
    with suppress(Exception), socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as link:
        link.shutdown(socket.SHUT_RDWR)
