"""The master's part of a run: it hands out the plan, gathers reports, and ends the run in time. Knows no Locust."""

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, time
from typing import Any

from loadtests.generator_files import GeneratorState
from loadtests.profiles import PROFILE, Profile

GRACE_S = 5.0


@dataclass(slots=True, kw_only=True)
class Coordinator:
    """Follows one run from its plan to its last report."""

    profile: Profile
    run: str
    rows: dict[str, list[int]]
    folder: Path
    workers: int
    state: GeneratorState = field(init=False)
    is_stopping: bool = False
    begun: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self.state = GeneratorState(run=self.run, workers_expected=self.workers)

    def plan(self) -> dict[str, Any]:
        """Return the message that starts the workers, as plain values."""
        return {
            "run": self.run,
            "profile": PROFILE.dump_json(self.profile).decode(),
            "workers": self.workers,
            "rows": self.rows,
            "ledger_folder": str(self.folder),
            "attempt": f"{time():.0f}",
        }

    def take_report(self, worker: str, report: dict[str, Any]) -> None:
        """Keep a worker's report; one that failed ends the run."""
        self.state.take_report(worker, report)
        if report["error"]:
            self.is_stopping = True

    def stop(self, kind: str, reason: str) -> None:
        """End the run early, and say why."""
        self.state.add_reason(kind, reason)
        self.is_stopping = True

    def lose_worker(self, worker: str) -> None:
        """End the run: what a vanished worker sent in its last second is not known."""
        self.stop("inconclusive", f"a load-generating worker vanished ({worker}); run again on a quiet machine")

    def is_over(self) -> bool:
        """Whether every share is sent and answered, or the run was stopped, or its time is long up."""
        if self.is_stopping:
            return True
        if self.state.finished_workers >= self.workers:
            self.state.is_complete = True
            return True
        if monotonic() - self.begun > self.profile.seconds + self.profile.timeout_seconds + GRACE_S:
            self.stop("inconclusive", "the generator did not finish in the profile's time: it cannot keep the rate up")
            return True
        return False

    def tick(self) -> None:
        """Save what is known, and give up early where too much fails. Called each second."""
        self._give_up_on_failures()
        self.state.save(self.folder)

    def _give_up_on_failures(self) -> None:
        abort = self.profile.abort
        recent = list(self.state.seconds().values())[-abort.window_seconds :]
        arrivals = sum(second[0] for second in recent)
        failures = sum(second[1] for second in recent)
        if len(recent) < abort.window_seconds or arrivals < abort.arrivals_min or self.is_stopping:
            return
        if failures / arrivals >= abort.failure_rate:
            self.stop(
                "fail",
                f"given up early: {failures / arrivals:.0%} of the arrivals of the last {abort.window_seconds} s failed "
                f"(the profile's limit is {abort.failure_rate:.0%}); the causes are counted in the record",
            )
