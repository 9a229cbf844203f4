"""Events of calls: that sys.monitoring tells of the same calls as a profiler does."""

import re
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

import pytest

from reglab.counters.engine.call_events import CallEvents, MonitoredCalls, ProfiledCalls, Tally, call_events
from reglab.project.data.driver import CounterError

MONITORED = pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is there from Python 3.12 on")


@dataclass
class Point:
    """An object whose `__init__` stands in no file."""

    x: int


def numbers() -> Generator[int, None, None]:
    with suppress(ValueError):
        yield 1
        yield 2
    yield 3


@contextmanager
def managed() -> Iterator[None]:
    yield


async def awaited() -> int:
    return len("abc")


def work() -> None:
    """Enter and resume functions, throw into a generator, call built-ins of every kind, and fail."""
    with managed(), suppress(KeyError):
        {"present": 1}["absent"]
    stream = numbers()
    next(stream)
    with suppress(StopIteration):
        stream.throw(ValueError)
        list(stream)
    with suppress(StopIteration):
        awaited().send(None)
    sorted([Point(x=2), Point(x=1)], key=lambda point: point.x)
    str.upper("text")
    "text".upper()
    dict.fromkeys("ab")
    re.compile("a").match("a")
    [abs(number) for number in range(3)]
    int("3")
    print("nothing", end="", file=sys.stderr)


def heard(kind: Callable[..., CallEvents], run: Callable[[], None]) -> dict[str, dict[str, int]]:
    """Return what was called, by name of the function that was entered, or that called a built-in."""
    python: Tally = {}
    c: Tally = {}
    names: dict[int, str] = {}

    def note(frame: FrameType, _event: str, tally: Tally) -> None:
        tally[id(frame.f_code)] = 1
        names[id(frame.f_code)] = frame.f_code.co_qualname

    events = kind(python=python, c=c, note=note)
    events.start()
    try:
        run()
    finally:
        events.stop()
    own = {"MonitoredCalls.stop", "MonitoringSlot.stop", "ProfiledCalls.stop", "heard"}
    return {
        language: {names[key]: times for key, times in tally.items() if names[key] not in own}
        for language, tally in (("python", python), ("c", c))
    }


@MONITORED
def test_monitoring_hears_what_a_profiler_hears() -> None:
    """Each function is entered, resumed and calls built-ins as often by the one as by the other."""
    work()
    profiled = heard(ProfiledCalls, work)
    assert profiled["python"]["numbers"] == 3
    assert heard(MonitoredCalls, work) == profiled


@MONITORED
def test_every_slot_taken_is_said() -> None:
    """Where no slot of the interpreter is free, the counter cannot be run, and nothing is left behind."""
    monitoring = sys.monitoring  # type: ignore[attr-defined]
    taken = [tool for tool in range(6) if monitoring.get_tool(tool) is None]
    for tool in taken:
        monitoring.use_tool_id(tool, "test")
    try:
        with pytest.raises(CounterError, match="every monitoring slot"):
            call_events(python={}, c={}, note=lambda *_: None).start()
    finally:
        for tool in taken:
            monitoring.free_tool_id(tool)


def test_listening_ends() -> None:
    """After the end nothing is heard, and the profiler's place is free."""
    work()
    before = heard(call_events, work)
    assert heard(call_events, work) == before
    assert sys.getprofile() is None
