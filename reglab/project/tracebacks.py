"""Project's lines of a traceback, or the line of a library where it has none."""

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

from reglab.project.source_lines import ProjectFrames, is_handler

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

    What a parser or a renderer raises for many endpoints is one thing, and has that line.
    """
    if own := raised_at(trace, frames):
        return own
    found = (
        f"{path[1]}:{line} in {frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(trace)
        if (path := _INSTALLED.search(frame.f_code.co_filename))
    )
    return tuple(found)[-1:]
