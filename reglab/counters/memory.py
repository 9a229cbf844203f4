"""The largest amount of Python memory that a scenario held at once; advice, not a gate."""

from __future__ import annotations

import gc
import tracemalloc
from types import TracebackType
from typing import Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Depth, Kept
from reglab.metrics import Assumption
from reglab.report.records import Measurement

PEAK_MEMORY_BYTES: Final = CounterMetric(
    name="peak_memory_bytes",
    unit="bytes",
    meaning="largest traced allocation while the scenario ran; advice only",
    assumption=Assumption.SAMPLED,
    kept=Kept.NOWHERE,
    can_grow=False,
)


class MemoryCounter:
    """Counts `peak_memory_bytes`: the peak of traced allocations above what was held when the block began.

    Memory of C libraries is not traced, other threads' allocations are. Five to ten times slower: a pass of its own.
    """

    def __init__(self) -> None:
        self._was_tracing = False
        self._held_bytes = 0
        self._peak_bytes = 0

    def __enter__(self) -> Self:
        gc.collect()
        self._was_tracing = tracemalloc.is_tracing()
        if not self._was_tracing:
            tracemalloc.start()
        tracemalloc.reset_peak()
        self._held_bytes, _ = tracemalloc.get_traced_memory()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _, self._peak_bytes = tracemalloc.get_traced_memory()
        if not self._was_tracing:
            tracemalloc.stop()

    def counts(self) -> tuple[Measurement, ...]:
        """Return the one value."""
        return (Measurement(metric=PEAK_MEMORY_BYTES, values=(max(0, self._peak_bytes - self._held_bytes),)),)


COUNTER: Final = Definition(metrics=(PEAK_MEMORY_BYTES,), depth=Depth.MEMORY, make=lambda _: MemoryCounter())
