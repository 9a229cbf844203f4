"""The master's part of a run: it hands out the plan, gathers reports, and ends the run in time. Knows no Locust."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from reglab.config.profile import Profile
from reglab.config.targets import Target
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.pool import Id
from reglab.load.profiles import PROFILE
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire

GRACE_S = 5.0
SILENCES_MAX = 5


@dataclass(slots=True, kw_only=True)
class Coordinator:
    """Follows one run from its plan to its last report."""

    profile: Profile
    target: Target
    proof: Proof
    agreement: dict[str, Any]
    run: str
    rows: dict[str, list[Id]]
    folder: Path
    worker_ids: tuple[str, ...]
    tripwire: Tripwire
    lost: set[str] = field(default_factory=set)
    # Workers whose ledgers are on other machines: what the master has of them came by message.
    remote: set[str] = field(default_factory=set)
    state: GeneratorState = field(init=False)
    is_stopping: bool = False
    silences: int = 0
    begun: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self.state = GeneratorState(run=self.run, workers_expected=self.workers, revisions=[self.proof.revision])

    @property
    def workers(self) -> int:
        """How many workers have got a share."""
        return len(self.worker_ids)

    def plan(self) -> dict[str, Any]:
        """Return the message that starts the workers, as plain values."""
        return {
            "run": self.run,
            "origin": self.target.origin,
            "profile": PROFILE.dump_json(self.profile).decode(),
            "workers": self.workers,
            "worker_ids": list(self.worker_ids),
            "rows": self.rows,
            "place": self.proof.place,
            "agreement": self.agreement,
            "folder": str(self.folder),
            # Keys of two attempts in one run, as a search for capacity makes them, must differ.
            "attempt": secrets.token_hex(3),
        }

    def take_report(self, worker: str, report: dict[str, Any]) -> None:
        """Keep a worker's report; one that failed ends the run. One without a share of this run is left out."""
        if worker not in (*self.worker_ids, "local"):
            return
        self.take_ledger(worker, report.pop("ledger"))
        if report.pop("is_remote"):
            self.remote.add(worker)
        self.state.take_report(worker, report)
        self._take_revisions(report["revisions"])
        if report["error"]:
            if report["error_kind"] == "unsafe":
                self.tripwire.cut(report["error"])
            self.is_stopping = True

    def take_ledger(self, worker: str, lines: Collection[str]) -> None:
        """Append lines of the ledger of a worker on another machine: each write's intent came before it was sent."""
        if lines and worker in self.worker_ids:
            with (self.folder / f"ledger-{worker}.jsonl").open("a", encoding="utf-8") as ledger:
                ledger.writelines(lines)

    @property
    def doubt(self) -> str:
        """Why the ledgers may lack writes, or their fates; nothing where they are whole."""
        if self.lost:
            return f"{len(self.lost)} of {self.workers} workers vanished"
        unfinished = [worker for worker in self.remote if not self.state.workers[worker].get("finished")]
        return f"{len(unfinished)} workers were stopped before their last report" if unfinished else ""

    def stop(self, kind: str, reason: str) -> None:
        """End the run early, and say why."""
        self.state.add_reason(kind, reason)
        self.is_stopping = True

    def stop_by_worker(self, message: dict[str, Any]) -> None:
        """End the run for a reason that a worker has just sent, before its report."""
        if message["kind"] == "unsafe":
            self.tripwire.cut(message["reason"])
        self.stop(message["kind"], f"worker {message['index']}: {message['reason']}")

    def prove_anew(self) -> None:
        """Have the target prove itself once more. Raises LoadTestError where it does not."""
        prove(self.target, tripwire=self.tripwire, expected=self.proof)

    def check_workers(self, present: Collection[str]) -> None:
        """End the run where a worker with a share is gone, however it went: what it sent last is not known."""
        for worker in self.worker_ids:
            if worker not in present and not self.state.workers.get(worker, {}).get("finished"):
                self.lost.add(worker)
                self.stop("inconclusive", f"a load-generating worker vanished ({worker}); run again on a quiet machine")

    def ask_identity(self) -> None:
        """Have the target prove itself once more. One that answers wrongly ends the run at once.

        One that gives no answer may be overloaded, which is what a load test is about: only a row of silences ends it.
        """
        try:
            proof = prove(self.target, tripwire=self.tripwire, expected=self.proof)
        except UnsafeTargetError as error:
            self.stop("unsafe", f"during the run: {error}")
            return
        except LoadTestError:
            self.silences += 1
            if self.silences >= SILENCES_MAX:
                self.stop(
                    "inconclusive", f"the target's identity endpoint gave no answer {self.silences} times in a row"
                )
            return
        self.silences = 0
        self._take_revisions([proof.revision])

    def _take_revisions(self, revisions: Iterable[str]) -> None:
        for revision in revisions:
            if revision not in self.state.revisions:
                self.state.revisions.append(revision)
                self.stop(
                    "inconclusive",
                    f"the target was deployed anew during the run: revision {self.proof.revision}, then {revision}",
                )

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
                f"given up early: {failures / arrivals:.0%} of the arrivals of the last {abort.window_seconds} s "
                f"failed (the profile's limit is {abort.failure_rate:.0%}); the causes are counted in the record",
            )
