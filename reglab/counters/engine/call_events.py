"""Events of calls, of this thread: from Python 3.12 on by sys.monitoring, before that by a profiler."""

import sys
from collections.abc import Callable
from threading import get_ident
from types import BuiltinFunctionType, CodeType, FrameType, MethodDescriptorType
from typing import Any, Final, Protocol

from reglab.counters.engine.monitoring_slot import MonitoringSlot

Tally = dict[int, int]
"""How often each code object was seen, by its identity: hashing a code object reads all of it."""
Note = Callable[[FrameType, str, Tally], None]
"""What is called with the frame, "call" or "c_call", and its tally, where that does not have the code yet."""

# The built-in functions and methods: the interpreter's own profiler takes these, and no other callable, for C's.
_C_KINDS: Final = frozenset({BuiltinFunctionType, *BuiltinFunctionType.__subclasses__()})


class CallEvents(Protocol):
    """Adds to `python` the functions that are entered, and to `c` those that call a function of C."""

    def start(self) -> None:
        """Begin to listen in this thread. Raises CounterError where nothing can be heard."""
        ...

    def stop(self) -> None:
        """Listen no more."""
        ...


def call_events(*, python: Tally, c: Tally, note: Note) -> CallEvents:
    """Return what this interpreter has: both hear the same."""
    kind = MonitoredCalls if hasattr(sys, "monitoring") else ProfiledCalls
    return kind(python=python, c=c, note=note)


class ProfiledCalls:
    """Hears calls and returns by `sys.setprofile`: half of what it is told is of no use, and is told all the same."""

    def __init__(self, *, python: Tally, c: Tally, note: Note) -> None:
        self._tallies = {"call": python, "c_call": c}
        self._note = note

    def start(self) -> None:
        """Begin to listen in this thread."""
        sys.setprofile(self._profile())

    def stop(self) -> None:
        """Listen no more."""
        sys.setprofile(None)

    def _profile(self) -> Callable[[FrameType, str, Any], None]:
        find, note = self._tallies.get, self._note

        def profile(frame: FrameType, event: str, _argument: Any) -> None:
            tally = find(event)
            if tally is None:
                return
            key = id(frame.f_code)
            if key in tally:
                tally[key] += 1
            else:
                note(frame, event, tally)

        return profile


class MonitoredCalls:
    """Hears calls by `sys.monitoring`, which makes no frame object for each function and tells of no return.

    Counts what a profiler counts: each entry and resumption of a Python function, and each call of a built-in.
    """

    def __init__(self, *, python: Tally, c: Tally, note: Note) -> None:
        self._slot = MonitoringSlot()
        self._python, self._c, self._note = python, c, note

    def start(self) -> None:
        """Begin to listen in this thread. Raises CounterError where no slot of the interpreter is free."""
        self._slot.start(self._callbacks(), counted="Calls")

    def stop(self) -> None:
        """Listen no more."""
        self._slot.stop()

    def _callbacks(self) -> dict[int, Callable[..., None]]:
        monitoring, thread = self._slot.monitoring, get_ident()
        events, missing = monitoring.events, monitoring.MISSING
        python, c, note, frame_at = self._python, self._c, self._note, sys._getframe  # noqa: SLF001  # the documented way to a frame

        # Events are the interpreter's, not a thread's: the thread is asked first.
        def entered(code: CodeType, _offset: int, _thrown: object = None) -> None:
            if get_ident() != thread:
                return
            key = id(code)
            if key in python:
                python[key] += 1
            else:
                note(frame_at(1), "call", python)

        def called(code: CodeType, _offset: int, function: object, first: object) -> None:
            kind = type(function)
            if kind not in _C_KINDS and (kind is not MethodDescriptorType or first is missing):
                return
            if get_ident() != thread:
                return
            key = id(code)
            if key in c:
                c[key] += 1
            else:
                note(frame_at(1), "c_call", c)

        return {events.PY_START: entered, events.PY_RESUME: entered, events.PY_THROW: entered, events.CALL: called}
