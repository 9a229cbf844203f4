"""Observation of a peer: what its check runs on, and its result."""

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tools.scoreboard.peers import Peer
from tools.scoreboard.places import PROJECT
from tools.scoreboard.results import Outcome, Reason

SIGNAL_CHARACTERS: Final = 160
SECONDS_MAX: Final = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A peer in its environment, before a copy of the service and an empty database.

    `state` is the peer's own folder for what it keeps between runs; `scenarios` are names or globs.
    """

    peer: Peer
    python: Path
    copy: Path
    database_url: str
    state: Path
    scenarios: tuple[str, ...] = ("*",)
    environment: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        """Return the environment of the peer's processes: the copy's service comes before the project's."""
        inherited = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TERM", "TMPDIR")
        }
        return {
            **inherited,
            "DATABASE_URL": self.database_url,
            "SERVICE_ENVIRONMENT": "test",
            "PYTHONPATH": os.pathsep.join(map(str, (self.copy, self.peer.folder, PROJECT))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SCOREBOARD_SCENARIOS": ",".join(self.scenarios),
            "SCOREBOARD_STATE": str(self.state),
            **self.environment,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the check of one peer said of one change."""

    outcome: Outcome
    reason: Reason = ""
    signal: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A process of a peer that has ended."""

    code: int
    output: str
    seconds: float


def run(situation: Situation, command: list[str], **variables: str) -> Run:
    """Run a process of the peer beside the copy; one that takes too long ends with code -1."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=situation.copy,
            env={**situation.variables(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run(code=-1, output=f"took longer than {SECONDS_MAX:.0f} s", seconds=time.monotonic() - started)
    return Run(code=done.returncode, output=done.stdout, seconds=time.monotonic() - started)


def told(situation: Situation, text: str) -> str:
    """Return the first line of a text, short, and without the folders of this machine."""
    for folder in (situation.copy, situation.python.parents[1], situation.state, PROJECT):
        text = text.replace(f"{folder}/", "")
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= SIGNAL_CHARACTERS else line[: SIGNAL_CHARACTERS - 1] + "…"


def last_line(situation: Situation, output: str) -> str:
    """Return the last line that says something: where a crash tells its reason."""
    lines = [line for line in output.splitlines() if line.strip()]
    return told(situation, lines[-1]) if lines else "no output"
