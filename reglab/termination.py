"""Ends of a process: SIGTERM taken as Ctrl-C, so that what was measured is kept; and the end of its parent."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Final

# Names the process that this one must not outlive.
ENDS_WITH_PARENT: Final = "REGLAB_ENDS_WITH_PARENT"
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>


class Terminated(KeyboardInterrupt):
    """Only this process was told to end; Ctrl-C on a terminal tells its children as well."""


def terminated_is_interrupted() -> None:
    """Let the first signal to end raise KeyboardInterrupt in the main thread from now on, and no further one.

    Folders and servers are then cleaned up, in bounded time: an impatient second Ctrl-C must not cut that short and
    leave half of them behind. A signal that is ignored, as below `nohup`, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for each in _ENDING:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _say_that_it_ends)
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def _say_that_it_ends(_number: int, _frame: FrameType | None) -> None:
    # Not by print: the signal may have come in the middle of one.
    with suppress(OSError):
        os.write(2, b"ending already: servers are stopped and folders removed (Ctrl-\\ ends at once and leaves them)\n")


def with_our_end(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child process of this package that is to end when this process does."""
    return {**environment, ENDS_WITH_PARENT: str(os.getpid())}


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Be sent a signal when the parent ends, however it ends, where the parent asked for that. Linux alone knows it."""
    parent = os.environ.pop(ENDS_WITH_PARENT, "")
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != int(parent):  # it has ended before we asked
        os.kill(os.getpid(), number)
