"""Runs a command for a terminal or a supervisor: signals are passed on, and its exit code comes back."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from reglab.errors import ServerError

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def run(command: Sequence[str], *, environment: Mapping[str, str]) -> int:
    """Run `command` to its end and give its exit code: 128 + n where signal n ended it, as a shell does.

    Raises ServerError where it cannot be started.
    """
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise ServerError(f"{command[0]}: cannot be started ({error.strerror})") from error
    with child, _passing_signals_to(child):
        status = child.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _passing_signals_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        # Ctrl-C and Ctrl-\ reach every process of the terminal's foreground: the child has them already.
        if number in (signal.SIGINT, signal.SIGQUIT) and _is_in_foreground():
            return
        child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_foreground() -> bool:
    with suppress(OSError):  # no terminal
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False
