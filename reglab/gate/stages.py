"""A gate's stages: each a command in a process of its own, its output kept in a log beside its record."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from reglab.last_handler import IN_LOG
from reglab.termination import Terminated, with_our_end

_TAIL_LINES: Final = 15
# A traceback with those that led to it, up to the command's own sentence.
_TRACEBACK: Final = re.compile(
    r"^Traceback \(most recent call last\):\n.*?(?=^(?:reglab|probe|manage\.py)\b)", re.MULTILINE | re.DOTALL
)
_END_SECONDS_MAX: Final = 90.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the gate: what it is called, what it runs, what a newcomer should expect of it.

    `instruments` are those that must leave a record; a stage that names none is an instrument of its own name.
    `is_counting`: what it finds is the same on a busy machine.
    """

    name: str
    title: str
    arguments: tuple[str, ...]
    instruments: tuple[str, ...] = ()
    is_counting: bool = True

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """A stage's process, in a process group of its own.

    So Ctrl-C on a terminal and a signal to the gate alone are one case: the gate passes it on.
    """

    stage: Stage
    process: subprocess.Popen[bytes]
    log: Path
    started: float

    @classmethod
    def of(cls, stage: Stage, *, run: Path, folder: Path, options: Sequence[str]) -> Self:
        """Start a stage, its output in `<run>/<stage>.log`. It ends when the gate is killed."""
        log = run / f"{stage.name}.log"
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
        return cls(stage=stage, process=process, log=log, started=time.monotonic())

    def result(self) -> StageResult | None:
        """Return how it ended, or None while it runs."""
        exit_code = self.process.poll()
        if exit_code is None:
            return None
        return StageResult(stage=self.stage, exit_code=exit_code, seconds=time.monotonic() - self.started, log=self.log)


def run_stages(
    stages: Sequence[Stage],
    *,
    run: Path,
    folder: Path,
    options: Sequence[str] = (),
    at_once: int = 1,
    started: Callable[[Stage], object] = lambda _: None,
    ended: Callable[[StageResult], object] = lambda _: None,
) -> list[StageResult]:
    """Run all stages to their ends, whatever one says; return their results in the stages' order.

    Those that count run side by side, `at_once` at most; one that measures time has the machine for itself. Whatever
    interrupts the gate, each running stage is told.
    """
    waiting, running = list(stages), list[_Running]()
    results: dict[str, StageResult] = {}
    try:
        while waiting or running:
            while waiting and _may_start(waiting[0], running, at_once):
                stage = waiting.pop(0)
                started(stage)
                # From this thread: the parent that a stage ends with is the thread that started it.
                running.append(_Running.of(stage, run=run, folder=folder, options=options))
            for one in tuple(running):
                if result := one.result():
                    running.remove(one)
                    _end(one)
                    results[one.stage.name] = result
                    ended(result)
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt as interruption:
        _interrupt(running, signal.SIGTERM if isinstance(interruption, Terminated) else signal.SIGINT)
        raise
    finally:
        for one in running:
            _end(one)
    return [results[stage.name] for stage in stages]


def _may_start(stage: Stage, running: Sequence[_Running], at_once: int) -> bool:
    if not running:
        return True
    return stage.is_counting and len(running) < at_once and all(one.stage.is_counting for one in running)


def _interrupt(running: Sequence[_Running], number: signal.Signals) -> None:
    """Tell every stage first: they close their records and their servers at the same time."""
    for one in running:
        _signal_group(one.process, number)
    deadline = time.monotonic() + _END_SECONDS_MAX
    for one in running:
        with suppress(subprocess.TimeoutExpired):
            one.process.wait(max(0.0, deadline - time.monotonic()))


def _end(one: _Running) -> None:
    _signal_group(one.process, signal.SIGKILL)
    one.process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
