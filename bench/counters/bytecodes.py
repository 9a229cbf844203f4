"""Counts the bytecode instructions that a scenario executes, in the calling thread (Python 3.12 and later)."""

import gc
import sys
from threading import get_ident
from types import CodeType, TracebackType
from typing import Any, Final, Self

from bench.counters.calls import is_counters_own, top_functions
from bench.counters.driver import CounterError
from bench.counts import Count
from bench.frames import ProjectFrames

AVAILABLE: Final = sys.version_info >= (3, 12)
_TOOL_NAME: Final = "bench"
_SLOTS: Final = 6


class BytecodeCounter:
    """Counts `bytecodes`; evidence is the project's functions by instructions, most first.

    Sees the loop that calls nothing. As exact as the calls, under the same conditions, and slower than they: a pass of
    its own. Raises CounterError before Python 3.12.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        if not AVAILABLE:
            raise CounterError("Bytecodes are counted from Python 3.12 on: leave this counter out.")
        self._frames = frames
        self._was_collecting = False
        self._thread = 0
        self._tool = -1
        self._tally: dict[int, int] = {}
        self._codes: dict[int, CodeType] = {}

    def __enter__(self) -> Self:
        # Types of the module exist from 3.12 on; the checker reads the project as 3.11.
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        self._tool = next((tool for tool in range(_SLOTS) if monitoring.get_tool(tool) is None), -1)
        if self._tool < 0:
            raise CounterError("Bytecodes cannot be counted: every monitoring slot of the interpreter is taken.")
        self._thread = get_ident()
        self._was_collecting = gc.isenabled()
        gc.disable()
        monitoring.use_tool_id(self._tool, _TOOL_NAME)
        monitoring.register_callback(self._tool, monitoring.events.INSTRUCTION, self._note)
        monitoring.set_events(self._tool, monitoring.events.INSTRUCTION)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        monitoring.set_events(self._tool, monitoring.events.NO_EVENTS)
        monitoring.register_callback(self._tool, monitoring.events.INSTRUCTION, None)
        monitoring.free_tool_id(self._tool)
        if self._was_collecting:
            gc.enable()

    def counts(self) -> tuple[Count, ...]:
        """Return the one count."""
        executed = [(self._codes[key], times) for key, times in self._tally.items()]
        value = sum(times for code, times in executed if not is_counters_own(code))
        return (Count(metric="bytecodes", value=value, evidence=top_functions(executed, frames=self._frames)),)

    def _note(self, code: CodeType, _offset: int) -> None:
        # Events are the interpreter's, not a thread's.
        if get_ident() != self._thread:
            return
        key = id(code)
        if key in self._tally:
            self._tally[key] += 1
        else:
            self._tally[key] = 1
            self._codes[key] = code
