"""Monitor of the service and the database while the load is on: one sample a second, beside the load, not in it."""

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import psutil
import psycopg

from reglab.errors import LoadTestError
from reglab.load.target.http_client import Api

INTERVAL_S = 1.0
READINESS_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSample:
    """CPU since the sample before, in percent of one core, and resident memory, of a process and its descendants."""

    cpu_percent: float
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSample:
    """One second of the server side; `at` is Unix time. None where a thing could not be looked at.

    `foreign_percent` is what processes other than the load test's own used, of all the machine's cores.
    """

    at: float
    service: ProcessSample | None
    database: ProcessSample | None
    connections: int | None
    is_ready: bool
    foreign_percent: float | None = None


@dataclass(slots=True, kw_only=True)
class ProcessTree:
    """A process and all its descendants, followed through restarts of its children."""

    pid: int
    _seconds: dict[int, float] = field(default_factory=dict)
    _at: float = 0.0

    def sample(self) -> ProcessSample | None:
        """Return CPU and memory since the last call; None on the first one, and where the process is gone."""
        seconds: dict[int, float] = {}
        memory = 0
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.pid)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    times = process.cpu_times()
                    seconds[process.pid] = times.user + times.system
                    memory += process.memory_info().rss
        now, since = time.monotonic(), self._at
        used = sum(value - self._seconds.get(pid, 0.0) for pid, value in seconds.items())
        self._seconds, self._at = seconds, now
        if not since or not seconds:
            return None
        return ProcessSample(cpu_percent=100 * used / (now - since), memory_bytes=memory)


@dataclass(slots=True, kw_only=True)
class ForeignWork:
    """What the machine does beside the load test: all its CPU time, less that of our process and its descendants."""

    ours: ProcessTree = field(default_factory=lambda: ProcessTree(pid=os.getpid()))
    _busy: float = 0.0
    _total: float = 0.0

    def sample(self) -> float | None:
        """Return percent of all cores since the last call; None on the first one."""
        times = psutil.cpu_times()
        total = sum(times)
        # What guests use is in `user` already.
        total -= getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        busy = total - times.idle - getattr(times, "iowait", 0.0)
        used, passed = busy - self._busy, total - self._total
        is_first = not self._total
        self._busy, self._total = busy, total
        ours = self.ours.sample()
        if is_first or ours is None or passed <= 0:
            return None
        return max(100 * used / passed - ours.cpu_percent / (psutil.cpu_count() or 1), 0.0)


class DatabaseProbe:
    """Counts a PostgreSQL's connections over one connection of its own, which comes back after a restart."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[int, int]] | None = None
        self.limit = 0

    def connections(self) -> int | None:
        """Return how many clients are connected; None while the server does not answer."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
                self._connection.execute("SET statement_timeout = '2s'")
            row = self._connection.execute(
                "SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity "
                "WHERE backend_type = 'client backend'"
            ).fetchone()
        except psycopg.Error:
            self.close()
            return None
        assert row is not None  # noqa: S101  # an aggregate always gives a row
        self.limit = row[1]
        return row[0]

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class ServerSide:
    """A thread that takes one sample a second until it is stopped. A context manager."""

    def __init__(
        self,
        *,
        api: Api,
        ready_path: str,
        service_pid: int | None,
        database_pid: int | None,
        database_url: str | None,
    ) -> None:
        self.samples: list[ServerSample] = []
        self._api = api
        self._ready_path = ready_path
        self._service = ProcessTree(pid=service_pid) if service_pid else None
        self._database = ProcessTree(pid=database_pid) if database_pid else None
        self._probe = DatabaseProbe(database_url) if database_url else None
        self._foreign = ForeignWork() if service_pid else None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="server-side")

    @property
    def connections_limit(self) -> int:
        """How many connections the server takes; 0 where it was never asked."""
        return self._probe.limit if self._probe else 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        if self._probe:
            self._probe.close()

    def _follow(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(due - time.monotonic(), 0.0)):
            due += INTERVAL_S
            if self._api.tripwire.is_cut():
                return  # who answers there is not the target: it is not asked any more
            self.samples.append(self._sample())

    def _sample(self) -> ServerSample:
        return ServerSample(
            at=time.time(),
            service=self._service.sample() if self._service else None,
            database=self._database.sample() if self._database else None,
            connections=self._probe.connections() if self._probe else None,
            is_ready=self._is_ready(),
            foreign_percent=self._foreign.sample() if self._foreign else None,
        )

    def _is_ready(self) -> bool:
        try:
            return self._api.request("GET", self._ready_path).status == 200
        except LoadTestError:
            return False
