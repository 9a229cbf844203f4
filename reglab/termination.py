"""Ends of a process: SIGTERM taken as Ctrl-C, so that what was measured is kept; and the end of its parent."""

import ctypes
import os
import signal
import sys
import threading
from types import FrameType
from typing import Final

# Names the process that this one must not outlive.
ENDS_WITH_PARENT: Final = "REGLAB_ENDS_WITH_PARENT"
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>


class Terminated(KeyboardInterrupt):
    """Only this process was told to end; Ctrl-C on a terminal tells its children as well."""


def terminated_is_interrupted() -> None:
    """Let SIGTERM raise Terminated in the main thread from now on, so that folders and servers are cleaned up."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def end_with_parent() -> None:
    """Be sent SIGTERM when the parent ends, however it ends, where the parent asked for that. Linux alone knows it."""
    parent = os.environ.pop(ENDS_WITH_PARENT, "")
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it has ended before we asked
        os.kill(os.getpid(), signal.SIGTERM)
