"""One generator process's part of a run: its share, its rows, its recorder and its ledger. Knows no Locust."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time, time
from typing import Any, Self

from reglab.config.profile import Profile
from reglab.load.generator.agreement import agreement, disagreement
from reglab.load.generator.arrivals import Share
from reglab.load.generator.recorder import Recorder
from reglab.load.load_module import LoadProject, load_project
from reglab.load.operations import Request
from reglab.load.pool import Id, Pool
from reglab.load.profiles import PROFILE
from reglab.load.run_facts import held
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, pool_of, prepared_rows
from reglab.load.writes.request_checks import complaints_of
from reglab.load.writes.write_ledger import Fate, WriteLedger


@dataclass(slots=True, kw_only=True)
class Generator:
    """What a worker holds from the plan's arrival to its last report."""

    project: LoadProject
    profile: Profile
    origin: str
    place: str
    share: Share
    pool: Pool
    recorder: Recorder
    ledger: WriteLedger
    tripwire: Tripwire
    # Takes lines of the ledger to a master on another machine. Raises OSError where it cannot be reached.
    tell: Callable[[list[str]], None]
    is_remote: bool = False
    token: str = field(default="", repr=False)
    revisions: set[str] = field(default_factory=set)
    started_at: float = 0.0
    cpu_begun: float = 0.0
    is_begun: bool = False
    is_finished: bool = False
    is_stopping: bool = False
    error: str = ""
    error_kind: str = "inconclusive"
    _measured: tuple[float, float] = (0.0, 0.0)
    # Where the run's folder is shared, a process that outlives its master keeps `load clean` from its rows.
    _hold: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def from_plan(cls, plan: dict[str, Any], *, index: int, token: str, tell: Callable[[list[str]], None]) -> Self:
        """Take up the plan that the master sent: the profile, the number of workers, the run's rows.

        Raises OSError where the ledger cannot be made: a write that cannot be recorded must not be sent. Raises
        LoadTestError where there is no load module here.
        """
        preparation = Preparation(run=plan["run"], rows=plan["rows"])
        profile = PROFILE.validate_json(plan["profile"])
        folder = Path(plan["folder"])
        # On another machine the run's folder is not there: the ledger is kept in a folder here, and sent along too.
        is_local = prepared_rows(folder) == preparation
        if not is_local:
            folder = Path(tempfile.mkdtemp(prefix=f"{preparation.run}-"))
        ledger = WriteLedger.create(folder / f"ledger-{plan['attempt']}-{index}.jsonl", is_sent_along=not is_local)
        project = load_project()
        generator = cls(
            project=project,
            profile=profile,
            origin=plan["origin"],
            place=plan["place"],
            share=Share(index=index, count=plan["workers"]),
            pool=pool_of(preparation, worker=f"{plan['attempt']}{index}"),
            recorder=Recorder(timeout_s=profile.timeout_seconds, window_s=profile.window_seconds),
            ledger=ledger,
            tripwire=Tripwire.of_run(folder),
            tell=tell,
            is_remote=not is_local,
            token=token,
        )
        if is_local:
            generator._hold.enter_context(held(folder))
        mine = agreement(module=project.module, key=os.environ.get("LOADTEST_KEY", ""), run=plan["run"])
        if reason := disagreement(master=plan["agreement"], mine=mine):
            generator.refuse(f"it was refused: {reason}", kind="inconclusive")
        return generator

    def begin(self) -> bool:
        """Return whether the share has yet to be sent: Locust may start a second user where a worker went missing."""
        begins = not self.is_begun
        self.is_begun = True
        self._measured = (process_time(), time())
        self.cpu_begun = process_time()
        return begins and not self.is_stopping

    def finish(self) -> None:
        """Note that every arrival of the share has had its end, unless the run was stopped."""
        self.is_finished = not self.is_stopping

    def release(self) -> None:
        """Let go of the run's folder: nothing more is written."""
        self._hold.close()

    def refuse(self, reason: str, *, kind: str) -> None:
        """Send nothing more, and say why: "unsafe" where the target did not prove itself, else "inconclusive"."""
        if not self.error or kind == "unsafe":
            self.error, self.error_kind = reason, kind
        self.is_stopping = True

    def complaints_of(self, scenario: str, request: Any) -> Iterator[str]:
        """Give what is wrong with a request, so that it must not be sent."""
        load = self.project.load
        return complaints_of(load, request, run=self.pool.run, reads=load.operations[scenario].reads)

    def intend(self, request: Request) -> int:
        """Record a write before it is sent. Raises OSError, and stops the share, where the ledger cannot take it.

        The intent is on its way to a master on another machine before the write is on its own.
        """
        try:
            number = self.ledger.intend(request)
            if self.is_remote:
                self.tell(self.ledger.take_lines())
        except OSError as error:
            self._fail(error)
            raise
        return number

    def settle(self, number: int, *, fate: Fate, status: int, row: Id) -> None:
        """Record what became of a write."""
        try:
            self.ledger.settle(number, fate=fate, status=status, row=row)
        except OSError as error:
            self._fail(error)
            raise

    def report(self) -> dict[str, Any]:
        """Return what the master has to know, cumulative."""
        return {
            "index": self.share.index,
            "started_at": self.started_at,
            "finished": self.is_finished,
            "error": self.error,
            "error_kind": self.error_kind,
            "revisions": sorted(self.revisions),
            "ledger": self.ledger.take_lines(),
            "is_remote": self.is_remote,
            "cpu_percent": self._cpu_percent(),
            "cpu_seconds": process_time() - self.cpu_begun,
            **self.recorder.report(everything=self.is_finished),
        }

    def _cpu_percent(self) -> float:
        """Return this process's CPU since the last report, of one core: gevent runs on one and no more."""
        if not self.is_begun:
            return 0.0
        cpu, at = process_time(), time()
        before_cpu, before = self._measured
        self._measured = (cpu, at)
        return 100 * (cpu - before_cpu) / max(at - before, 1e-3)

    def _fail(self, error: OSError) -> None:
        self.error = self.error or f"the write ledger cannot be written: {error.strerror or error}"
        self.is_stopping = True
