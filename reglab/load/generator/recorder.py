"""Record of one generator process while it sends: tallies, lateness, and a second-by-second time line."""

from collections import defaultdict, deque
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from reglab.load.generator.arrivals import Arrival
from reglab.load.generator.results import Tally, empty_histogram, record_s

# What the terminal shows: the latest answers of a process.
RECENT_MAX: Final = 400
RECENT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one request that was sent: status 0 where no answer came, and then why.

    `seconds` counts from the intended start to the last byte, or to giving up. One that is not proven did not come
    from the target. `refused_with` is the status with which the row of a write was answered, so that it was not sent.
    """

    status: int
    seconds: float
    cause: str = ""
    body: bytes = b""
    queries: int | None = None
    database_ms: float = 0.0
    is_proven: bool = True
    refused_with: int = 0

    @property
    def is_success(self) -> bool:
        """Whether the service did what was asked: redirects count as failures, since none is expected."""
        return 200 <= self.status < 300


class Recorder:
    """Collects what one process sends. Reports are cumulative: one that gets lost is made good by the next."""

    def __init__(self, *, timeout_s: float, window_s: float = 1.0) -> None:
        self._timeout_s = timeout_s
        # By when the answer came: closed windows are kept encoded, the present one is counted into.
        self._window_s = window_s
        self._windows: dict[str, str] = {}
        self._window = 0
        self._window_latency = empty_histogram()
        self._recent: deque[tuple[float, float]] = deque(maxlen=RECENT_MAX)
        self._tallies: dict[str, Tally] = defaultdict(Tally)
        self._touched: set[str] = set()
        # By second of intended start: arrivals, failures, the slowest in milliseconds.
        self._seconds: dict[int, list[float]] = {}
        self._touched_seconds: set[int] = set()
        self.lateness = empty_histogram()
        self.failures = 0
        self.arrivals = 0

    def send(self, arrival: Arrival, *, late_s: float) -> None:
        """Note that an arrival is on its way, `late_s` after its intended start."""
        self._tally(arrival).sent += 1
        record_s(self.lateness, late_s)
        self._second(arrival)[0] += 1
        self.arrivals += 1

    def drop(self, arrival: Arrival) -> None:
        """Note that an arrival was not sent because too many were in flight: it counts as slow, and as failed."""
        tally = self._tally(arrival)
        tally.dropped += 1
        tally.count_cause("dropped: too many in flight")
        record_s(tally.latency, self._timeout_s)
        second = self._second(arrival)
        second[0] += 1
        self.arrivals += 1
        self._fail(second, self._timeout_s)

    def withdraw(self, arrival: Arrival) -> None:
        """Take an arrival back that was not sent after all because the run was stopped: that is nobody's failure."""
        self._tally(arrival).sent -= 1
        self._second(arrival)[0] -= 1
        self.arrivals -= 1

    def finish(self, arrival: Arrival, answer: Answer) -> None:
        """Note what became of a sent arrival."""
        self._follow(arrival, answer)
        tally = self._tally(arrival)
        second = self._second(arrival)
        if answer.status:
            tally.count_status(answer.status)
            tally.received_bytes += len(answer.body)
        if answer.queries is not None:
            tally.timed += 1
            tally.queries += answer.queries
            tally.database_ms += answer.database_ms
        if answer.is_success:
            tally.succeeded += 1
            record_s(tally.latency, answer.seconds)
            second[2] = max(second[2], answer.seconds * 1e3)
            return
        tally.count_cause(answer.cause)
        if answer.refused_with:
            tally.withheld += 1
            tally.server_errors += answer.refused_with >= 500
            record_s(tally.failure_latency, answer.seconds)
            self._fail(second, answer.seconds)
        elif answer.status:
            tally.failed += 1
            tally.server_errors += answer.status >= 500
            record_s(tally.failure_latency, answer.seconds)
            self._fail(second, answer.seconds)
        else:
            tally.unknown += 1
            tally.server_errors += 1
            record_s(tally.latency, max(answer.seconds, self._timeout_s))
            self._fail(second, max(answer.seconds, self._timeout_s))

    def report(self, *, everything: bool = False) -> dict[str, Any]:
        """Return what changed since the last report, each part of it cumulative."""
        keys = set(self._tallies) if everything else self._touched
        seconds = set(self._seconds) if everything else self._touched_seconds
        self._touched, self._touched_seconds = set(), set()
        return {
            "tallies": {key: self._tallies[key].packed() for key in keys},
            "seconds": {str(second): self._seconds[second] for second in seconds},
            "lateness": self.lateness.encode().decode("ascii"),
            "windows": self._closed_windows(everything=everything),
            "recent_ms": [ms for at, ms in self._recent if at > monotonic() - RECENT_SECONDS],
        }

    def _follow(self, arrival: Arrival, answer: Answer) -> None:
        """Count an answer into the window in which it came, for the time line and the terminal."""
        is_answered = answer.status or answer.refused_with
        seconds = answer.seconds if is_answered else max(answer.seconds, self._timeout_s)
        self._recent.append((monotonic(), round(seconds * 1e3, 2)))
        window = int((arrival.at_s + answer.seconds) / self._window_s)
        if window > self._window:
            self._close_window()
            self._window = window
        record_s(self._window_latency, seconds)

    def _close_window(self) -> None:
        if self._window_latency.get_total_count():
            self._windows[str(self._window)] = self._window_latency.encode().decode("ascii")
            self._window_latency = empty_histogram()

    def _closed_windows(self, *, everything: bool) -> dict[str, str]:
        """Return the windows that were closed since the last report, with the present one where all is over."""
        if everything:
            self._close_window()
        closed, self._windows = self._windows, {}
        return closed

    def _fail(self, second: list[float], seconds: float) -> None:
        second[1] += 1
        second[2] = max(second[2], seconds * 1e3)
        self.failures += 1

    def _tally(self, arrival: Arrival) -> Tally:
        key = f"{arrival.stage}|{arrival.scenario}"
        self._touched.add(key)
        return self._tallies[key]

    def _second(self, arrival: Arrival) -> list[float]:
        number = int(arrival.at_s)
        self._touched_seconds.add(number)
        return self._seconds.setdefault(number, [0, 0, 0.0])
