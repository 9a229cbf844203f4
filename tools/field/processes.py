"""One command in a fresh process, with its seconds, its memory and everything that it printed."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Whoever runs a field test decides neither the project's settings nor its database.
_NOT_INHERITED: Final = (
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONDEVMODE",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "PYTHONWARNINGS",
    "VIRTUAL_ENV",
)
_GRACE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A process that ended: its exit code, seconds, processor seconds and peak memory of its largest process."""

    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    is_timed_out: bool


def run(
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: Mapping[str, str],
    output: Path,
    seconds_max: float,
) -> Done:
    """Run a command to its end, both streams into `output`; interrupt it, then end it, when it takes too long."""
    outer = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    started = time.monotonic()
    is_late, is_ended = threading.Event(), threading.Event()
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**outer, **environment},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = threading.Timer(seconds_max, _end, (process.pid, is_late, is_ended))
        watch.start()
        try:
            # As `Popen.wait` does, with what the system knows of the process beside it.
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            # In a session of its own, it does not see the terminal's Ctrl-C; it ends with who asked for it.
            _end_early(process)
            raise
        finally:
            is_ended.set()
            watch.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Done(
        exit_code=process.returncode,
        seconds=time.monotonic() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=usage.ru_maxrss / 1024,
        is_timed_out=is_late.is_set(),
    )


def _end(pid: int, is_late: threading.Event, is_ended: threading.Event) -> None:
    """Interrupt the process as Ctrl-C does, and end its whole session where that does not help."""
    is_late.set()
    try:
        os.kill(pid, signal.SIGINT)
        if not is_ended.wait(_GRACE_SECONDS):
            os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _end_early(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the process, give it time to undo what it made, and end its session then."""
    os.kill(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
