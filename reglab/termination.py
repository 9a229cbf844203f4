"""SIGTERM, which a CI server sends to a job that it cancels, taken as Ctrl-C: what was measured is kept."""

import signal
import threading
from types import FrameType


class Terminated(KeyboardInterrupt):
    """Only this process was told to end; Ctrl-C on a terminal tells its children as well."""


def terminated_is_interrupted() -> None:
    """Let SIGTERM raise Terminated in the main thread from now on, so that folders and servers are cleaned up."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
