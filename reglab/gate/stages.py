"""A gate's stages: each a command in a process of its own, its output kept in a log beside its record."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reglab.last_handler import IN_LOG
from reglab.termination import Terminated, with_our_end

_TAIL_LINES: Final = 15
# A traceback with those that led to it, up to the command's own sentence.
_TRACEBACK: Final = re.compile(
    r"^Traceback \(most recent call last\):\n.*?(?=^(?:reglab|probe|manage\.py)\b)", re.MULTILINE | re.DOTALL
)
_END_SECONDS_MAX: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the gate: what it is called, what it runs, what a newcomer should expect of it.

    `instruments` are those that must leave a record; a stage that names none is an instrument of its own name.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    instruments: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[str, ...]:
        """The instruments whose records the stage must leave."""
        return self.instruments or (self.name,)

    def command(self, *, run: Path, options: Sequence[str] = ()) -> list[str]:
        """Return the stage's command line: a command of this program, with the gate's run folder."""
        return [sys.executable, "-m", "reglab", *self.arguments, "--run", str(run), *options]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """How a stage ended: its exit code (negative: the signal that ended it), how long it took, where its output is."""

    stage: Stage
    exit_code: int
    seconds: float
    log: Path

    def tail(self) -> str:
        """Return the last lines of the stage's output, without tracebacks, for a reader who has only the gate's own."""
        text = _TRACEBACK.sub("", self.log.read_text(encoding="utf-8", errors="replace"))
        return "\n".join(text.rstrip().splitlines()[-_TAIL_LINES:])


def run_stage(stage: Stage, *, run: Path, folder: Path, options: Sequence[str] = ()) -> StageResult:
    """Run one stage to its end. Its output goes to `<run>/<stage>.log`; whatever interrupts the gate, it is told.

    A stage has a process group of its own, so that Ctrl-C on a terminal and a signal to the gate alone are one case:
    the gate passes it on. It ends when the gate is killed.
    """
    log = run / f"{stage.name}.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            stage.command(run=run, options=options),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=with_our_end({**os.environ, "PYTHONUNBUFFERED": "1", IN_LOG: "1"}),
            start_new_session=True,
        )
        try:
            exit_code = process.wait()
        except KeyboardInterrupt as interruption:
            number = signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT
            _signal_group(process, number)
            # It closes its record and its servers, and then we go.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_END_SECONDS_MAX)
            raise
        finally:
            _signal_group(process, signal.SIGKILL)
            process.wait()
    return StageResult(stage=stage, exit_code=exit_code, seconds=time.monotonic() - started, log=log)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
