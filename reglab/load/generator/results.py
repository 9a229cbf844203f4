"""Counts of the load generator: one tally a stage and scenario, merged over workers without loss."""

from dataclasses import dataclass, field
from typing import Any, Final, Self

from hdrh.histogram import HdrHistogram

# One microsecond to ten minutes with three significant digits: an error of at most 0.1 %, and 504.9 never reads 500.
_LOWEST_US: Final = 1
_HIGHEST_US: Final = 600_000_000
_DIGITS: Final = 3
COUNTS: Final = ("sent", "dropped", "succeeded", "failed", "unknown", "withheld", "server_errors", "timed")
# What a tally adds up without more ado.
PLAIN: Final = (*COUNTS, "queries", "database_ms", "received_bytes")


def empty_histogram() -> HdrHistogram:
    """Return an empty histogram of microseconds."""
    return HdrHistogram(_LOWEST_US, _HIGHEST_US, _DIGITS)


def record_s(histogram: HdrHistogram, seconds: float) -> None:
    """Record a time in seconds. One beyond the range is kept as the largest: it must not vanish."""
    histogram.record_value(min(max(round(seconds * 1e6), _LOWEST_US), _HIGHEST_US))


def percentile_ms(histogram: HdrHistogram, percent: float) -> float:
    """Return a percentile in milliseconds: the upper end of the bucket that holds the nearest rank."""
    return float(histogram.get_value_at_percentile(percent)) / 1e3


def mean_ms(histogram: HdrHistogram) -> float:
    """Return the mean in milliseconds, each value in the middle of its bucket; 0.0 for an empty histogram.

    As HdrHistogram's own, which walks bucket by bucket in Python: here only over those that hold something.
    """
    total = count = 0
    for index, times in enumerate(histogram.encoder.payload.counts[: histogram.encoder.payload.counts_len]):
        if times:
            lowest = histogram.get_value_from_index(index)
            total += times * ((lowest + histogram.get_highest_equivalent_value(lowest) + 1) // 2)
            count += times
    return total / count / 1e3 if count else 0.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """Arrivals of one scenario in one stage.

    Each is sent or dropped; each sent one succeeded, failed (a refusing or wrong answer), is unknown (no answer in
    time, a broken connection) or was withheld (its row was refused when it was read before). `latency` holds the
    successes, and whatever got no answer as at least the time-out: an answer that refuses at once must not make the
    service look fast. `failure_latency` holds refusals.
    """

    sent: int = 0
    dropped: int = 0
    succeeded: int = 0
    failed: int = 0
    unknown: int = 0
    withheld: int = 0
    server_errors: int = 0
    timed: int = 0
    queries: int = 0
    database_ms: float = 0.0
    received_bytes: int = 0
    causes: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    latency: HdrHistogram = field(default_factory=empty_histogram)
    failure_latency: HdrHistogram = field(default_factory=empty_histogram)

    @property
    def arrivals(self) -> int:
        """All that the scenario intended in this stage and that had its turn."""
        return self.sent + self.dropped

    @property
    def answered(self) -> int:
        """The requests that the service answered, well or not."""
        return self.succeeded + self.failed

    @property
    def ended(self) -> int:
        """The arrivals of which it is known what became of them. The rest is in flight, or went with a lost worker."""
        return self.answered + self.unknown + self.withheld + self.dropped

    def count_status(self, status: int) -> None:
        """Count one answer by its status."""
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1

    def count_cause(self, cause: str) -> None:
        """Count one failure by its cause."""
        self.causes[cause] = self.causes.get(cause, 0) + 1

    def add(self, other: Self) -> None:
        """Merge another tally into this one; nothing is lost and nothing averaged."""
        for name in PLAIN:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, others in ((self.causes, other.causes), (self.statuses, other.statuses)):
            for key, count in others.items():
                mine[key] = mine.get(key, 0) + count
        self.latency.add(other.latency)
        self.failure_latency.add(other.failure_latency)

    def packed(self) -> dict[str, Any]:
        """Return the tally as plain values, histograms encoded, for a message or a file."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "causes": dict(self.causes),
            "statuses": dict(self.statuses),
            "latency": self.latency.encode().decode("ascii"),
            "failure_latency": self.failure_latency.encode().decode("ascii"),
        }


def unpacked(values: dict[str, Any]) -> Tally:
    """Return the tally that `Tally.packed` wrote."""
    plain = {name: values[name] for name in PLAIN}
    tally = Tally(**plain, causes=dict(values["causes"]), statuses=dict(values["statuses"]))
    tally.latency.decode_and_add(values["latency"])
    tally.failure_latency.decode_and_add(values["failure_latency"])
    return tally
