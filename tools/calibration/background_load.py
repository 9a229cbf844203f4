"""Share of the machine that others used: a trial that is called quiet has to be."""

import time
from dataclasses import dataclass
from typing import Self

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """CPU seconds of the whole machine but for this process and its descendants, up to a moment of the clock."""

    cpu_seconds: float
    at: float

    @classmethod
    def now(cls) -> Self:
        """Look at them now."""
        return cls(cpu_seconds=_busy_seconds() - _own_seconds(), at=time.monotonic())

    def cores_since(self) -> float:
        """Return how many cores they kept busy on average since."""
        present = self.now()
        elapsed = present.at - self.at
        return max(0.0, present.cpu_seconds - self.cpu_seconds) / elapsed if elapsed > 0 else 0.0


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    waiting = times.idle + getattr(times, "iowait", 0.0) + getattr(times, "steal", 0.0)
    # A guest's time is in `user` already.
    return float(sum(times) - waiting - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0))


def _own_seconds() -> float:
    """Sum over the living; what their ended children used was added to them when they were waited for."""
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:  # ended meanwhile: its parent has its time by now, or at the next look
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
