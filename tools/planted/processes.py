"""The instruments' processes: started one way, and ended together when somebody presses Ctrl-C."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from tools.planted.copies import PROJECT

# Whoever runs this decides neither the subject's environment nor where its statements go.
_NOT_INHERITED: Final = (
    "DATABASE_URL",
    "SERVICE_ENVIRONMENT",
    "EXTRA_APPS",
    "PYTHONDEVMODE",
    "PYTHONHASHSEED",
    "COVERAGE_PROCESS_START",
)
_LINES_KEPT: Final = 6


class InstrumentError(Exception):
    """An instrument could not run: one line with its last words."""


@dataclass(slots=True, kw_only=True)
class Processes:
    """The processes that are running now. `database_url` is the server that audits share, if any."""

    database_url: str = ""
    is_ended: bool = False
    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def run(
        self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str], codes: Sequence[int]
    ) -> None:
        """Run a module of Python in `folder` with the present harness. Raises InstrumentError for another exit code."""
        outer = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        with self._lock:
            if self.is_ended:
                raise InstrumentError("interrupted")
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env={**outer, "PYTHONPATH": str(PROJECT), "CI": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self._running.add(process)
        try:
            printed, _ = process.communicate()
        finally:
            with self._lock:
                self._running.discard(process)
        if self.is_ended:
            raise InstrumentError("interrupted")
        if process.returncode not in codes:
            last = " / ".join(printed.strip().splitlines()[-_LINES_KEPT:])
            raise InstrumentError(f"{' '.join(command[:3])} ended with {process.returncode}: {last}")

    def end(self) -> None:
        """Interrupt what runs and start nothing more; the instruments clean up behind themselves."""
        with self._lock:
            self.is_ended = True
            for process in self._running:
                process.send_signal(signal.SIGINT)
