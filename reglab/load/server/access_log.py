"""Counts a run's requests in gunicorn's access log: the service's own word on how many it answered."""

from dataclasses import dataclass
from pathlib import Path

# One line a request: the run that it belongs to, its status, its microseconds.
ACCESS_FORMAT = "%({x-load-run}i)s %(s)s %(D)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRequests:
    """What the service says that it answered to one run."""

    requests: int
    server_errors: int


def log_end(path: Path | None) -> int:
    """Return where the log ends now, in bytes: what a pass adds begins there. 0 where there is no log yet."""
    return path.stat().st_size if path is not None and path.exists() else 0


def served_requests(path: Path, *, run: str, since: int = 0) -> ServedRequests:
    """Count the lines of a run from byte `since` on: a search for capacity sends several passes under one run."""
    statuses = [
        fields[1]
        for line in path.read_bytes()[since:].decode(errors="replace").splitlines()
        if len(fields := line.split()) == 3 and fields[0] == run
    ]
    return ServedRequests(requests=len(statuses), server_errors=sum(status.startswith("5") for status in statuses))


def count_difference(served: ServedRequests, *, answered: int, unknown: int) -> int:
    """Return how many requests one side counted and the other did not.

    A request without an answer may or may not have been served, and a killed server may have answered without a
    line in its log: each unknown one explains one of either.
    """
    return max(served.requests - answered - unknown, answered - served.requests - unknown, 0)
