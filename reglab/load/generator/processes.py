"""Locust in processes of its own: one master, which coordinates, and the workers, which send."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from reglab.config.profile import Profile
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.profiles import save_profile
from reglab.load.server.child_processes import child, tail_of, wait_for

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
PORT_FILE = "master.port"
PROFILE_FILE = "profile.json"
START_S = 120.0
POLL_S = 0.2
# Locust gives its workers half a second to send their last reports, and then some.
STOP_S = 10.0
# Complete, complete with failed requests, incomplete for a reason that is in the state file.
EXPECTED_STATUSES = (0, 1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorEnd:
    """How the load generator ended: what it had, and why that is not a complete run where it is not."""

    state: GeneratorState | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generators:
    """Starts and watches the load-generating processes of one run."""

    profile: Profile
    origin: str
    workers: int
    folder: Path
    root: Path
    environment: Mapping[str, str]

    def run(self, *, progress: Callable[[GeneratorState], None]) -> GeneratorEnd:
        """Send the profile's load and return what became of it. Raises LoadTestError where it cannot start."""
        save_profile(self.profile, self.folder / PROFILE_FILE)
        with ExitStack() as stack:
            master = stack.enter_context(self._child("master", self._command()))
            port_file = self.folder / PORT_FILE
            wait_for(
                lambda: port_file.exists() and port_file.read_text(encoding="ascii") != "",
                what="the load generator",
                seconds=START_S,
                process=master,
                log=self._log("master"),
            )
            port = port_file.read_text(encoding="ascii")
            workers = [
                stack.enter_context(self._child(f"worker-{index}", self._worker_command(port)))
                for index in range(self.workers)
            ]
            try:
                reasons = self._watch(master, workers, progress)
            finally:
                # The master first, while its workers still answer: it has them report, and saves what there is.
                if master.poll() is None:
                    master.terminate()
                    _wait(master, STOP_S)
        return GeneratorEnd(state=GeneratorState.load(self.folder), reasons=tuple(reasons))

    def _watch(
        self,
        master: subprocess.Popen[bytes],
        workers: list[subprocess.Popen[bytes]],
        progress: Callable[[GeneratorState], None],
    ) -> list[str]:
        """Follow the run until the master ends. Return why it was no complete run, empty where it was."""
        deadline = time.monotonic() + START_S + self.profile.seconds + self.profile.timeout_seconds + 30
        while master.poll() is None:
            # Workers end by themselves, with status 0, only after the master has told them to.
            for index, worker in enumerate(workers):
                if worker.poll() not in (None, 0):
                    reason = (
                        f"load-generating worker {index} ended with status {worker.returncode}; what it sent last is "
                        f"not known\n{tail_of(self._log(f'worker-{index}'))}"
                    )
                    return [reason]
            if time.monotonic() > deadline:
                return ["the load generator did not end in time; its log is beside the record"]
            if state := GeneratorState.load(self.folder):
                progress(state)
            time.sleep(POLL_S)
        if master.returncode not in EXPECTED_STATUSES:
            return [
                f"the load generator's master ended with status {master.returncode}\n{tail_of(self._log('master'))}"
            ]
        return []

    def _child(self, name: str, command: list[str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return child(command, log=self._log(name), environment=self.environment, folder=self.root, stop_s=STOP_S)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--headless", "--only-summary"),
            *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", "0"),
            *("--expect-workers", str(self.workers), "--expect-workers-max-wait", str(int(START_S))),
            *("--host", self.origin, "--load-profile", str(self.folder / PROFILE_FILE), "--load-run", str(self.folder)),
            *("--loglevel", "INFO", "--exit-code-on-error", "1"),
        ]

    def _worker_command(self, port: str) -> list[str]:
        return [
            *(sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--worker"),
            *("--master-host", "127.0.0.1", "--master-port", port, "--loglevel", "INFO"),
        ]


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
