"""Time that no counter explains: sampled stacks of both sides, and how they differ."""

import linecache
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

from pyinstrument import Profiler
from pyinstrument.frame import Frame
from pyinstrument.frame_info import ATTRIBUTE_MARKER_LINE_NUMBER

from reglab.project.requests.test_client import Visitor
from reglab.report.records import Evidence

_INTERVAL_SECONDS: Final = 0.0005
_KEPT: Final = 3
# A function whose time differs by less than this part of the whole difference explains nothing.
_PART_OF_DIFFERENCE: Final = 0.2
# Of the whole time: what is less is drawn with its caller.
_SLIVER: Final = 0.002
# The profiler's word for the file of a function that is written in C.
_BUILT_IN: Final = "<built-in>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds an execution of one function, callees included, and the line of it that took most (0: a library's).

    `code` is that line's text, where the function's file has it.
    """

    seconds: float
    line: int
    code: str = ""


# By "file in function": lines move from one revision to the next, names seldom do.
Tree = Mapping[str, Spent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Where an execution spends its time: by function, and by stack.

    `stacks` are seconds an execution by the functions above one another, outermost first, with ";" between them; what a
    library calls within itself is one.
    """

    functions: Tree
    stacks: Mapping[str, float]


def sampled(
    execute: Callable[[], object], *, times: int, folder: Path, sender: CodeType = Visitor.send.__code__
) -> Profile:
    """Run `execute`, which executes a scenario `times` times, under a sampling profiler.

    Only what runs below `sender`, the harness's function that sends the requests, is the subject's.
    """
    profiler = Profiler(interval=_INTERVAL_SECONDS, async_mode="disabled")
    with profiler:
        execute()
    assert profiler.last_session is not None  # noqa: S101  # the block above was one
    seconds: dict[str, float] = defaultdict(float)
    lines: dict[str, dict[int, float]] = {}
    stacks: dict[tuple[str, ...], float] = defaultdict(float)
    for request in _requests(profiler.last_session.root_frame(), sender):
        for child in request.children:
            _add(child, seconds, lines, folder=folder, above=frozenset())
            _fold(child, stacks, folder=folder, above=())
    return Profile(
        functions={
            place: _spent(value / times, place, line=_busiest(lines.get(place, {})), folder=folder)
            for place, value in seconds.items()
        },
        stacks={";".join(stack): value / times for stack, value in _without_slivers(stacks).items()},
    )


def tree_difference(*, baseline: Tree, candidate: Tree) -> tuple[Evidence, ...]:
    """Give the functions whose time grew most, the nearest to the cause first; times in ms an execution."""
    nothing = Spent(seconds=0.0, line=0)
    grown = {place: spent.seconds - baseline.get(place, nothing).seconds for place, spent in candidate.items()}
    whole = max(grown.values(), default=0.0)
    relevant = [place for place, gain in grown.items() if gain > 0 and gain >= whole * _PART_OF_DIFFERENCE]
    # The callers of the cause grew as much as it did: the nearest is the project's function that does least beside it.
    relevant.sort(key=lambda place: (not candidate[place].line, candidate[place].seconds - grown[place], -grown[place]))
    return tuple(
        _told(place, candidate[place], baseline.get(place, nothing), gain=grown[place]) for place in relevant[:_KEPT]
    )


def _told(place: str, spent: Spent, before: Spent, *, gain: float) -> Evidence:
    path, _, function = place.partition(" in ")
    most = f", most of it at `{spent.code}`" if spent.code else ""
    return Evidence(
        kind="call",
        text=f"{1000 * gain:+.2f} ms an execution in {function} "
        f"({1000 * spent.seconds:.2f} ms against {1000 * before.seconds:.2f} ms){most}",
        source=f"{path}:{spent.line} in {function}" if spent.line else place,
    )


def _requests(frame: Frame | None, sender: CodeType) -> list[Frame]:
    """Return the frames in which the harness sends requests: what is above and beside them is not the subject's."""
    if frame is None:
        return []
    if (frame.function, frame.file_path) == (sender.co_name, sender.co_filename):
        return [frame]
    return [found for child in frame.children for found in _requests(child, sender)]


def _fold(frame: Frame, stacks: dict[tuple[str, ...], float], *, folder: Path, above: tuple[str, ...]) -> None:
    """Add a frame's own time under its stack, and that of the frames below it."""
    path, stack = frame.file_path, above
    if path and not frame.is_synthetic:
        is_project = Path(path).is_relative_to(folder)
        library = frame.function if path == _BUILT_IN else _module(path).partition("/")[0].removesuffix(".py")
        name = f"{Path(path).relative_to(folder).as_posix()} in {_name(frame)}" if is_project else library
        stack = above if above[-1:] == (name,) and not is_project else (*above, name)
    below = [child for child in frame.children if not child.is_synthetic]
    stacks[stack] += frame.time - sum(child.time for child in below)
    for child in below:
        _fold(child, stacks, folder=folder, above=stack)


def _without_slivers(stacks: Mapping[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """Give what nobody could see in a picture to the function above it; nothing is lost."""
    least = sum(stacks.values()) * _SLIVER
    kept: dict[tuple[str, ...], float] = defaultdict(float, stacks)
    for stack in sorted(stacks, key=len, reverse=True):
        if len(stack) > 1 and kept[stack] < least:
            kept[stack[:-1]] += kept.pop(stack)
    # Time of the request itself, below no function, has no place in the picture.
    return {stack: value for stack, value in kept.items() if stack and value > 0}


def _add(
    frame: Frame, seconds: dict[str, float], lines: dict[str, dict[int, float]], *, folder: Path, above: frozenset[str]
) -> None:
    path = frame.file_path
    if path and not frame.is_synthetic:
        is_project = Path(path).is_relative_to(folder)
        place = f"{Path(path).relative_to(folder).as_posix() if is_project else _module(path)} in {_name(frame)}"
        if place not in above:  # a function that calls itself is counted once a path
            seconds[place] += frame.time
            above |= {place}
        if is_project:
            _add_lines(frame, lines.setdefault(place, defaultdict(float)))
    for child in frame.children:
        _add(child, seconds, lines, folder=folder, above=above)


def _name(frame: Frame) -> str:
    """Return the function's name with that of its object's class: a project has many functions called __call__."""
    return f"{frame.class_name}.{frame.function}" if frame.class_name else frame.function


def _add_lines(frame: Frame, lines: dict[int, float]) -> None:
    for attribute, seconds in frame.attributes.items():
        if attribute.startswith(ATTRIBUTE_MARKER_LINE_NUMBER) and attribute[1:].isdigit():
            lines[int(attribute[1:])] += seconds


def _spent(seconds: float, place: str, *, line: int, folder: Path) -> Spent:
    file = folder / place.partition(" in ")[0]
    return Spent(seconds=seconds, line=line, code=linecache.getline(str(file), line).strip() if line else "")


def _busiest(lines: Mapping[int, float]) -> int:
    return max(lines, key=lines.__getitem__, default=0)


def _module(path: str) -> str:
    parts = Path(path).parts
    for marker in ("site-packages", "dist-packages"):
        if marker in parts:
            return "/".join(parts[parts.index(marker) + 1 :])
    return "/".join(parts[-2:])
