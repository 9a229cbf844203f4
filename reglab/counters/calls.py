"""Counts the Python and C functions that a scenario enters, in the calling thread."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Final, Self

from reglab.counters.engine.call_events import call_events
from reglab.counters.engine.definition import CounterMetric, Definition, Depth, Kept
from reglab.project.data.driver import CounterError
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from reglab.project.source_lines import ProjectFrames

PYTHON_CALLS: Final = CounterMetric(
    name="python_calls",
    unit="calls",
    meaning="Python functions entered",
    kept=Kept.INTERPRETER,
    time_rank=7,
    noise_fraction=0.02,
)
C_CALLS: Final = CounterMetric(
    name="c_calls",
    unit="calls",
    meaning="C functions entered from Python",
    kept=Kept.INTERPRETER,
    time_rank=8,
    noise_fraction=0.02,
)

TOP_FUNCTIONS: Final = 15
_COUNTERS: Final = str(Path(__file__).resolve().parent)
# The seeded stream stands in for a function of C, which makes no Python call.
_CHANCE: Final = str(Path(__file__).resolve().parents[1] / "project" / "data" / "randomness.py")
_GENERATED: Final = "<string>"
_DRIVER: Final = find_spec("psycopg")
_NOT_THE_SUBJECTS: Final = (_COUNTERS, _CHANCE, *(_DRIVER.submodule_search_locations or () if _DRIVER else ()))


class CallCounter:
    """Counts `python_calls` and `c_calls`; evidence is the project's functions by calls, most first.

    A generator counts at each resumption. Exact after two warm-ups, with nothing else profiling: equal across
    processes and hash seeds for one interpreter and set of packages. The garbage collector rests meanwhile, because
    when it runs depends on the past. The counters' own calls are left out; other threads are not seen. Put it
    innermost, in a pass of its own.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        self._was_collecting = False
        # By identity: hashing a code object reads all of it. Functions that are counted where they stand, and those
        # that are counted for another one, apart: most calls are then told by one look into a dictionary.
        self._python: dict[int, int] = {}
        self._c: dict[int, int] = {}
        self._python_elsewhere: dict[int, int] = {}
        self._c_elsewhere: dict[int, int] = {}
        self._codes: dict[int, CodeType] = {}
        self._events = call_events(python=self._python, c=self._c, note=self._note_other)

    def __enter__(self) -> Self:
        if sys.getprofile() is not None:
            raise CounterError("Calls cannot be counted while another profiler runs: switch it off for the audit.")
        self._was_collecting = gc.isenabled()
        gc.disable()
        self._events.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._events.stop()
        if self._was_collecting:
            gc.enable()

    def counts(self) -> tuple[Measurement, ...]:
        """Return both counts."""
        return (
            self._measurement(PYTHON_CALLS, self._python, self._python_elsewhere),
            self._measurement(C_CALLS, self._c, self._c_elsewhere),
        )

    def _measurement(self, metric: CounterMetric, *tallies: dict[int, int]) -> Measurement:
        # A function may stand in both: its own calls, and those that count for it.
        times = [(self._codes[key], number) for tally in tallies for key, number in tally.items()]
        total = sum(number for code, number in times if not is_counters_own(code))
        return Measurement(metric=metric, values=(total,), evidence=top_functions(times, frames=self._frames))

    def _note_other(self, frame: FrameType, event: str, tally: dict[int, int]) -> None:
        """Count the first call of a function, or a call that counts for another one."""
        code = self._blamed(frame, event)
        if code is not frame.f_code or self._may_move(code, event):
            tally = self._python_elsewhere if event == "call" else self._c_elsewhere
        key = id(code)
        tally[key] = tally.get(key, 0) + 1
        # Held, so that its identity is not given to another.
        self._codes[key] = code

    def _may_move(self, code: CodeType, event: str) -> bool:
        """Tell whether calls of a function may count for another one."""
        if code.co_filename == _GENERATED:
            return True
        return event == "call" and code.co_name == "__init__" and self._frames.is_project(code.co_filename)

    def _blamed(self, frame: FrameType, event: str) -> CodeType:
        """Return the function that a call counts for."""
        code, caller = frame.f_code, frame.f_back
        if code.co_filename == _GENERATED and caller and self._frames.is_project(caller.f_code.co_filename):
            # A method that was made of a text, as those of dataclasses are, stands in no file: its caller does.
            return caller.f_code
        if code.co_name == "__init__" and event == "call":
            return self._maker(frame) or code
        return code

    def _maker(self, frame: FrameType) -> CodeType | None:
        """Return the project's function on whose behalf an object of the project's is made: the one to change."""
        if not self._frames.is_project(frame.f_code.co_filename):
            return None
        caller = frame.f_back
        while caller is not None:
            code = caller.f_code
            if code.co_name != "__init__" and self._frames.is_project(code.co_filename):
                return code
            caller = caller.f_back
        return None


def top_functions(times: Iterable[tuple[CodeType, int]], *, frames: ProjectFrames) -> tuple[Evidence, ...]:
    """Return the project's functions by how often they were seen, most first, ties by place."""
    places: dict[str, int] = {}
    for code, number in times:
        place = frames.place(code)
        if place:
            places[place] = places.get(place, 0) + number
    most_first = sorted(places.items(), key=lambda entry: (-entry[1], entry[0]))[:TOP_FUNCTIONS]
    return tuple(
        Evidence(kind="call", text=place.rpartition(" in ")[2], count=number, source=place)
        for place, number in most_first
    )


def is_counters_own(code: CodeType) -> bool:
    """Return whether a function belongs to the counters, or to the driver: their work is not the subject's.

    The driver's generators are resumed as often as the socket makes them wait, which no two runs share.
    """
    return code.co_filename.startswith(_NOT_THE_SUBJECTS)


COUNTER: Final = Definition(
    metrics=(PYTHON_CALLS, C_CALLS), depth=Depth.PYTHON, make=lambda execution: CallCounter(frames=execution.frames)
)
