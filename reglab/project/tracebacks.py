"""Project's lines of a traceback."""

import traceback
from pathlib import Path
from types import TracebackType

from reglab.project.source_lines import ProjectFrames, is_handler


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
