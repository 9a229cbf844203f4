"""Objects that a request leaves in memory for good: a cache without a limit, a list that only grows."""

from __future__ import annotations

import gc
import linecache
import re
import sys
import tracemalloc
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sized
from itertools import pairwise, takewhile
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from reglab.counters.engine.definition import CounterMetric, Definition, Depth, Kept
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from reglab.project.source_lines import ProjectFrames

OBJECTS_KEPT: Final = CounterMetric(
    name="objects_kept",
    unit="objects",
    meaning="objects and entries that each of several equal executions leaves in memory",
    # Judged as it is, for nobody accepts a leak by number: it has a line of its own.
    kept=Kept.NOWHERE,
    unrecorded_parts=frozenset({""}),
    can_grow=False,
)

EXECUTIONS: Final = 4
# For so many stretches of so many executions a leak goes on; the bounded caches of libraries hold fewer entries.
STRETCHES: Final = 5
STRETCH_EXECUTIONS: Final = 30
STACK_DEPTH: Final = 40
LINES_TOLD: Final = 5
_CONTAINERS: Final = (dict, list, set, bytearray)

Sizes = Mapping[tuple[str, str], int]
"""How much each container of the project's modules and classes holds, by path of the file and dotted name."""


def kept(execute: Callable[[], object], frames: ProjectFrames) -> Measurement:
    """Count `objects_kept`: what every single execution adds to memory for good, the least of three seen.

    Counted are the objects that the garbage collector tracks, and the entries of containers and function caches that
    the project's modules and classes hold. The same request on the same rows needs what it needs once; what it adds
    every time is never given back. What stops after many executions was a cache with a limit. Not seen: untracked
    values inside an instance, and the memory of C libraries.
    """
    # Numbers of an array are no objects, so that writing a level down does not raise the next.
    levels = array("q", bytes(8 * EXECUTIONS))
    # What is there already is set aside: only what is made from here on is walked through and counted.
    gc.freeze()
    for number in range(EXECUTIONS):
        execute()
        gc.collect()
        levels[number] = _objects() + _entries(frames)
        if number and levels[number] <= levels[number - 1]:
            # Nothing that this execution added has stayed: the least is 0, whatever the next ones do.
            return Measurement(metric=OBJECTS_KEPT, values=(0,))
    value = min(after - before for before, after in pairwise(levels))
    if value and not _goes_on(execute, frames, level=levels[-1]):
        value = 0
    return Measurement(metric=OBJECTS_KEPT, values=(value,), evidence=_evidence(execute, frames) if value else ())


def _goes_on(execute: Callable[[], object], frames: ProjectFrames, *, level: int) -> bool:
    """Tell whether each stretch of many more executions adds something: a cache with a limit ends, a leak does not."""
    for _ in range(STRETCHES):
        for _ in range(STRETCH_EXECUTIONS):
            execute()
        gc.collect()
        now = _objects() + _entries(frames)
        if now <= level:
            return False
        level = now
    return True


def _objects() -> int:
    """Return the number of tracked objects, without what measuring itself leaves behind at each request.

    Django's test client connects `close_old_connections` anew each time, and a signal forgets none of its finalisers.
    SQLite's driver keeps the last 128 statements: inside the transaction that is rolled back, `atomic` is a savepoint,
    and each has a name of its own.
    """
    kinds = Counter(map(type, gc.get_objects()))
    return sum(number for kind, number in kinds.items() if not _is_of_measuring(kind))


def _is_of_measuring(kind: type) -> bool:
    return (
        kind is MethodType
        or kind.__module__ in {"weakref", "asgiref.local"}
        or (kind.__module__, kind.__name__) == ("sqlite3", "Statement")
        or kind.__name__.startswith("hamt")
    )


def _evidence(execute: Callable[[], object], frames: ProjectFrames) -> tuple[Evidence, ...]:
    """Say which container grew, and which lines made what stays: two more executions, traced."""
    tracemalloc.start(STACK_DEPTH)
    try:
        execute()
        gc.collect()
        sizes, before = _sizes(frames), tracemalloc.take_snapshot()
        execute()
        gc.collect()
        grown, after = _sizes(frames), tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    return (*_grown(sizes, grown, frames), *_lines(before, after, frames))


def _grown(before: Sizes, after: Sizes, frames: ProjectFrames) -> Iterator[Evidence]:
    for (path, name), size in after.items():
        more = size - before.get((path, name), 0)
        if more > 0:
            yield Evidence(
                kind="hint",
                text=f"{name} holds {more:,} more after each request, and nothing takes it out again",
                count=more,
                source=f"{frames.relative(path)}:{_line_of(path, name)}",
            )


def _lines(before: tracemalloc.Snapshot, after: tracemalloc.Snapshot, frames: ProjectFrames) -> Iterator[Evidence]:
    """Give the project's innermost lines by the bytes that they allocated and that stayed, most first."""
    stayed: dict[tuple[str, int], tuple[int, int]] = {}
    for change in after.compare_to(before, "traceback"):
        place = _project_line(change.traceback, frames)
        if place is None or change.size_diff <= 0:
            continue
        key = (place.filename, place.lineno)
        size, blocks = stayed.get(key, (0, 0))
        stayed[key] = (size + change.size_diff, blocks + change.count_diff)
    most_first = sorted(stayed.items(), key=lambda item: (-item[1][0], item[0]))[:LINES_TOLD]
    for (filename, number), (_, blocks) in most_first:
        source = f"{frames.relative(filename)}:{number}"
        text = linecache.getline(filename, number).strip()
        yield Evidence(kind="call", text=f"allocates what stays: {text}", count=max(1, blocks), source=source)


def _project_line(trace: tracemalloc.Traceback, frames: ProjectFrames) -> tracemalloc.Frame | None:
    """Return the innermost line of the project inside the execution; what lies outside has started the audit."""
    inside = takewhile(lambda one: one.filename != __file__, reversed(trace))
    return next((one for one in inside if frames.is_project(one.filename)), None)


def _entries(frames: ProjectFrames) -> int:
    return sum(_sizes(frames).values())


def _sizes(frames: ProjectFrames) -> Sizes:
    return {
        (path, f"{module.__name__}.{name}"): size
        for module in list(sys.modules.values())
        if (path := getattr(module, "__file__", None) or "") and frames.is_project(path)
        for name, size in _held_by(module)
    }


def _held_by(module: ModuleType) -> Iterator[tuple[str, int]]:
    for name, value in list(vars(module).items()):
        yield from _size(name, value)
        if isinstance(value, type) and value.__module__ == module.__name__:
            for attribute, held in list(vars(value).items()):
                yield from _size(f"{name}.{attribute}", held)


def _size(name: str, value: Any) -> Iterator[tuple[str, int]]:
    """Give the size of a container or of a function's cache; no other object is asked, for it might answer anything."""
    if name.startswith("__"):
        return
    if isinstance(value, _CONTAINERS) and isinstance(value, Sized):
        yield name, len(value)
    elif type(value).__name__ == "_lru_cache_wrapper":
        yield name, value.cache_info().currsize


def _line_of(path: str, name: str) -> int:
    """Return the first line that defines a name, 0 where none is found."""
    last = re.escape(name.rpartition(".")[2])
    defines = re.compile(rf"\s*(?:async def |def )?{last}\s*[:=(]")
    return next((number for number, line in enumerate(linecache.getlines(path), start=1) if defines.match(line)), 0)


COUNTER: Final = Definition(metrics=(OBJECTS_KEPT,), depth=Depth.MEMORY, repeat=kept)
