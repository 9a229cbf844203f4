"""Cores that this process may use: by its affinity, and by the limit of the container that it runs in."""

import os
from pathlib import Path
from typing import Final

# Version 2 of control groups shows a container its own group as the root; `max` or microseconds, and their period.
CPU_LIMIT: Final = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(limit: Path = CPU_LIMIT) -> int:
    """Return how many cores can be busy at once; 1 at least."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(affinity, _limit_of_container(limit) or affinity)


def _limit_of_container(limit: Path) -> int | None:
    try:
        quota, period = limit.read_text(encoding="ascii").split()
        return None if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
