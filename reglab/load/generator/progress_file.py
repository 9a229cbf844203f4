"""The file through which the load generator's master tells the supervisor what it has, each second."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from reglab.load.generator.results import Tally, empty_histogram, unpacked

STATE_FILE = "generator.json"


@dataclass(slots=True, kw_only=True)
class GeneratorState:
    """All that is known of the generator: the last report of each worker, and why it stopped, if it did early.

    `reasons` maps a kind ("fail", "inconclusive", "unsafe") to sentences.
    """

    run: str
    workers_expected: int
    workers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    revisions: list[str] = field(default_factory=list)
    is_complete: bool = False

    def take_report(self, worker: str, report: dict[str, Any]) -> None:
        """Merge a worker's report into what is known of it. Each part is cumulative, so the last one stands."""
        known = self.workers.setdefault(worker, {"tallies": {}, "seconds": {}, "windows": {}, "cpu": []})
        for window, latency in report["windows"].items():
            # A late answer may reopen a window: both parts of it count.
            known["windows"].setdefault(window, []).append(latency)
        known["recent_ms"] = report["recent_ms"]
        known["tallies"] |= report["tallies"]
        known["seconds"] |= report["seconds"]
        if report["cpu_percent"] and not known.get("finished"):
            known["cpu"].append(round(report["cpu_percent"], 1))
        known |= {key: report[key] for key in ("index", "started_at", "finished", "error", "lateness", "cpu_seconds")}
        if report["error"]:
            self.add_reason(report["error_kind"], f"worker {report['index']}: {report['error']}")

    def add_reason(self, kind: str, text: str) -> None:
        """Keep a reason once."""
        texts = self.reasons.setdefault(kind, [])
        if text not in texts:
            texts.append(text)

    @property
    def finished_workers(self) -> int:
        """How many workers have sent their whole share."""
        return sum(bool(worker.get("finished")) for worker in self.workers.values())

    @property
    def started_at(self) -> float:
        """When the first worker began to send, in Unix time; 0 where none did."""
        return min((worker["started_at"] for worker in self.workers.values() if worker.get("started_at")), default=0.0)

    def tallies(self) -> dict[tuple[int, str], Tally]:
        """Return the tallies by stage and scenario, merged over the workers."""
        merged: dict[tuple[int, str], Tally] = {}
        for worker in self.workers.values():
            for key, values in worker["tallies"].items():
                stage, _, scenario = key.partition("|")
                merged.setdefault((int(stage), scenario), Tally()).add(unpacked(values))
        return merged

    def lateness(self) -> Any:
        """Return the histogram of how late arrivals were sent, merged over the workers."""
        merged = empty_histogram()
        for worker in self.workers.values():
            if worker.get("lateness"):
                merged.decode_and_add(worker["lateness"])
        return merged

    def windows(self) -> dict[int, Any]:
        """Return a latency histogram a window of the time line, merged over the workers."""
        merged: dict[int, Any] = {}
        for worker in self.workers.values():
            for window, latencies in worker["windows"].items():
                histogram = merged.setdefault(int(window), empty_histogram())
                for latency in latencies:
                    histogram.decode_and_add(latency)
        return dict(sorted(merged.items()))

    def recent_ms(self) -> list[float]:
        """Return the latencies of the last seconds, in milliseconds, the smallest first."""
        return sorted(ms for worker in self.workers.values() for ms in worker.get("recent_ms", ()))

    def seconds(self) -> dict[int, tuple[float, float, float]]:
        """Return the time line: arrivals, failures and slowest ms of each second of intended starts."""
        merged: dict[int, tuple[float, float, float]] = {}
        for worker in self.workers.values():
            for second, (arrivals, failures, slowest) in worker["seconds"].items():
                known = merged.get(int(second), (0, 0, 0.0))
                merged[int(second)] = (known[0] + arrivals, known[1] + failures, max(known[2], slowest))
        return dict(sorted(merged.items()))

    def save(self, folder: Path) -> None:
        """Write the state so that a reader sees the last one or this one, never a half. Raises OSError."""
        path = folder / STATE_FILE
        partial = path.with_suffix(".partial")
        partial.write_text(
            json.dumps({name: getattr(self, name) for name in self.__slots__}, separators=(",", ":")), encoding="utf-8"
        )
        partial.replace(path)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read the last state saved, or None where the generator never got so far."""
        try:
            return cls(**json.loads((folder / STATE_FILE).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return None
