"""Ends of a process: SIGTERM taken as Ctrl-C, so that what was measured is kept; and the end of its parent."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Final, Self

# Names the process that this one must not outlive.
ENDS_WITH_PARENT: Final = "REGLAB_ENDS_WITH_PARENT"
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_ended_by: list[int] = []  # the signals that interrupted this process: what re-raises an interruption has no number


class Terminated(KeyboardInterrupt):
    """Only this process was told to end; Ctrl-C on a terminal tells its children as well."""


class Interruptions:
    """Signals to end, taken in the blocks that are `open` to them alone; everywhere else inside they wait.

    By handlers, not by the mask of signals: that is the mask of one thread, and a signal that any other thread takes
    is raised in the main one all the same.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._is_open = False
        self._came: int | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # no other is interrupted, and none may set handlers
            self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
            for number, handler in self._before.items():
                if callable(handler):  # what is ignored stays so, and the default ends the process at once
                    signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._is_open = True  # whatever comes from here on goes through, whichever handler is there already
        for number, handler in self._before.items():
            if signal.getsignal(number) == self._take:  # else the signal itself has set another
                signal.signal(number, handler)
        if self._came is not None and kind is None:  # one that came since the last open block is not lost
            signal.raise_signal(self._came)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let a signal interrupt this block, at its beginning where one has come before."""
        self._is_open = True
        try:
            if self._came is not None:
                self._take(self._came, None)
            yield
        finally:
            self._is_open = False

    def _take(self, number: int, frame: FrameType | None) -> None:
        if not self._is_open:
            self._came = number
            return
        self._came = None
        self._before[number](number, frame)


def reason_of_end() -> str:
    """Say what interrupted this process: a person at a keyboard, or another signal, as a CI server sends one."""
    others = [number for number in _ended_by if number != signal.SIGINT]
    return f"told to end by {signal.Signals(others[0]).name}" if others else "interrupted from the keyboard"


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
    _ended_by.append(number)
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
