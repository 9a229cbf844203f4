"""Project's lines of a traceback, or the line of a library where it has none."""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from reglab.project.source_lines import ProjectFrames, is_handler

_OF_DATABASE: Final = ("psycopg", "django/db/", "sqlite3/")
_INSTALLED: Final = re.compile(r"[/\\](?:site|dist)-packages[/\\](.+)$")


def raised_at(trace: TracebackType | None, frames: ProjectFrames) -> tuple[str, ...]:
    """Return the project's lines of a traceback, innermost first; none of middleware that only hands on."""
    places: list[str] = []
    for frame, line in traceback.walk_tb(trace):
        if is_handler(frame.f_code):
            places.clear()
        # A compiled module names its source relative to where it was built.
        elif Path(frame.f_code.co_filename).is_absolute() and frames.is_project(frame.f_code.co_filename):
            places.append(f"{frames.relative(frame.f_code.co_filename)}:{line} in {frame.f_code.co_qualname}")
    return tuple(reversed(places))


def raised_in(trace: TracebackType | None, frames: ProjectFrames) -> tuple[str, ...]:
    """Return the project's lines of a traceback; where it has none, the innermost line of an installed library.

    What a parser or a renderer raises for many endpoints is one thing, and has that line; what the database refuses is
    the affair of whoever asked it, and has none.
    """
    own, innermost = raised_at(trace, frames), tuple(_of_libraries(trace))[-1:]
    return own or tuple(place for place in innermost if not place.startswith(_OF_DATABASE))


def parsed_in(trace: TracebackType | None, frames: ProjectFrames) -> tuple[str, ...]:
    """Return the same with the library's line first, where a library raised it below the project's lines.

    Whoever asks for the body lets it be parsed: a parser that fails is one thing for all of them.
    """
    innermost = next((frame for frame, _ in reversed([*traceback.walk_tb(trace)]) if _is_placed(frame, frames)), None)
    own = raised_at(trace, frames)
    if innermost is None or frames.is_project(innermost.f_code.co_filename):
        return own
    return (*tuple(_of_libraries(trace))[-1:], *own)


def _is_placed(frame: FrameType, frames: ProjectFrames) -> bool:
    name = frame.f_code.co_filename
    return bool(_INSTALLED.search(name)) or (Path(name).is_absolute() and frames.is_project(name))


def _of_libraries(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        if path := _INSTALLED.search(frame.f_code.co_filename):
            yield f"{path[1]}:{line} in {frame.f_code.co_qualname}"
