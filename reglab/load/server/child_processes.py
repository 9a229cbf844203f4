"""Child processes that end with their supervisor, however it ends, and that leave no child of theirs behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from reglab.errors import LoadTestError
from reglab.load.outer_variables import LEFT_OUT_PREFIX

# Not for processes whose speed is measured: development mode checks every allocation.
_UNWANTED = ("PYTHONDEVMODE", "PYTHONWARNINGS", "COVERAGE_PROCESS_START")
_DEATH_SIGNAL = "import ctypes,os,sys;ctypes.CDLL(None).prctl(1,15);os.execvp(sys.argv[1],sys.argv[1:])"


@contextmanager
def child(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path,
    pass_fds: Sequence[int] = (),
    stop_s: float = 5.0,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own, its output in `log`; stop the whole group on the way out.

    On Linux the child gets SIGTERM when this process dies; start it from the main thread, whose end is what counts.
    A group of its own keeps the terminal's Ctrl-C from it: the supervisor ends its children in order.
    """
    variables = {
        name: value
        for name, value in (os.environ | environment).items()
        if name not in _UNWANTED and not name.startswith(LEFT_OUT_PREFIX)
    }
    with log.open("ab") as stream:
        process = subprocess.Popen(
            _with_death_signal(command),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=variables,
            cwd=folder,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process, seconds=stop_s)


def wait_for(
    condition: Callable[[], bool], *, what: str, seconds: float, process: subprocess.Popen[bytes], log: Path
) -> None:
    """Wait until a condition holds. Raises LoadTestError, with the log's end, where the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            raise LoadTestError(f"{what} ended at its start (status {process.returncode}):\n{tail_of(log)}")
        if time.monotonic() > deadline:
            raise LoadTestError(f"{what} is not ready after {seconds:.0f} s:\n{tail_of(log)}")
        time.sleep(0.05)


def tail_of(log: Path, *, lines: int = 12) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "(no log)"


def last_words(log: Path) -> str:
    """Return what a command said at its end: where that was a traceback, the exception's own words alone."""
    lines = [line for line in tail_of(log, lines=400).splitlines() if line.strip()]
    traced = [place for place, line in enumerate(lines) if line.startswith(("  ", "Traceback "))]
    if any(line.startswith("Traceback ") for line in lines):
        lines = lines[traced[-1] + 1 :]
    return "\n".join(lines[-12:])


def _with_death_signal(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None or Path(setpriv).resolve().name == "busybox":
        return [sys.executable, "-I", "-S", "-c", _DEATH_SIGNAL, *command]
    return [setpriv, "--pdeathsig", "TERM", *command]


def _stop(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # Whatever is left of the group, the process itself included.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
