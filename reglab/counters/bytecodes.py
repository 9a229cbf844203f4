"""Counts the bytecode instructions that a scenario executes, in the calling thread."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

from reglab.counters.calls import is_counters_own, top_functions
from reglab.counters.engine.definition import CounterMetric, Definition, Depth, Kept
from reglab.counters.engine.monitoring_slot import MonitoringSlot
from reglab.report.records import Measurement

if TYPE_CHECKING:
    from reglab.project.source_lines import ProjectFrames

BYTECODES: Final = CounterMetric(
    name="bytecodes",
    unit="instructions",
    meaning="bytecode instructions executed in Python functions",
    kept=Kept.INTERPRETER,
    time_rank=9,
    noise_fraction=0.02,
)


class BytecodeCounter:
    """Counts `bytecodes`; evidence is the project's functions by instructions, most first.

    Sees the loop that calls nothing. As exact as the calls, under the same conditions, and slower than they: a pass of
    its own. From Python 3.12 on by sys.monitoring; before that by sys.settrace, whose present tracer rests meanwhile.
    Each interpreter has instructions of its own: never compare two.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        self._was_collecting = False
        self._source: _Source = _Monitoring() if hasattr(sys, "monitoring") else _Tracing()

    def __enter__(self) -> Self:
        self._was_collecting = gc.isenabled()
        gc.disable()
        self._source.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.stop()
        if self._was_collecting:
            gc.enable()

    def counts(self) -> tuple[Measurement, ...]:
        """Return the one count."""
        executed = self._source.executed()
        value = sum(times for code, times in executed if not is_counters_own(code))
        return (Measurement(metric=BYTECODES, values=(value,), evidence=top_functions(executed, frames=self._frames)),)


class _Source(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...

    def executed(self) -> list[tuple[CodeType, int]]: ...


class _Monitoring:
    def __init__(self) -> None:
        self._tally: dict[int, int] = {}
        self._codes: dict[int, CodeType] = {}
        self._thread = 0
        self._slot = MonitoringSlot()

    def start(self) -> None:
        self._thread = get_ident()
        instruction = self._slot.monitoring.events.INSTRUCTION
        self._slot.start({instruction: self._event}, counted="Bytecodes")

    def stop(self) -> None:
        self._slot.stop()

    def executed(self) -> list[tuple[CodeType, int]]:
        return [(self._codes[key], times) for key, times in self._tally.items()]

    def _event(self, code: CodeType, _offset: int) -> None:
        # Events are the interpreter's, not a thread's.
        if get_ident() != self._thread:
            return
        key = id(code)
        if key in self._tally:
            self._tally[key] += 1
        else:
            self._tally[key] = 1
            # Held, so that its identity is not given to another.
            self._codes[key] = code


class _Tracing:
    """Counts by a tracer of its own for each code object: it runs once an instruction, and does nothing but add one."""

    def __init__(self) -> None:
        self._tallies: dict[int, _CodeTally] = {}
        self._before: Any = None

    def start(self) -> None:
        self._before = sys.gettrace()
        # The frame that holds the block was entered before: it must be told by hand. Not the counters' own frames.
        caller = sys._getframe(2)  # noqa: SLF001  # the documented way to a frame
        self._caller, self._caller_state = caller, (caller.f_trace, caller.f_trace_lines, caller.f_trace_opcodes)
        sys.settrace(self._call)
        caller.f_trace, caller.f_trace_lines, caller.f_trace_opcodes = self._tracer_of(caller.f_code), False, True

    def stop(self) -> None:
        sys.settrace(self._before)
        caller = self._caller
        caller.f_trace, caller.f_trace_lines, caller.f_trace_opcodes = self._caller_state
        del self._caller

    def executed(self) -> list[tuple[CodeType, int]]:
        return [(tally.code, tally.executed()) for tally in self._tallies.values()]

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return self._tracer_of(frame.f_code)

    def _tracer_of(self, code: CodeType) -> Callable[[FrameType, str, Any], None]:
        # By identity: to hash a code object reads all of it. The tally holds the code, so that no other gets its place.
        tally = self._tallies.get(id(code))
        if tally is None:
            tally = self._tallies[id(code)] = _code_tally(code)
        return tally.trace


class _CodeTally(NamedTuple):
    code: CodeType
    trace: Callable[[FrameType, str, Any], None]
    executed: Callable[[], int]


def _code_tally(code: CodeType) -> _CodeTally:
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> None:
        # No answer: the frame keeps the tracer that it has.
        nonlocal count
        if event == "opcode":
            count += 1

    return _CodeTally(code=code, trace=trace, executed=lambda: count)


COUNTER: Final = Definition(
    metrics=(BYTECODES,), depth=Depth.PYTHON, make=lambda execution: BytecodeCounter(frames=execution.frames)
)
