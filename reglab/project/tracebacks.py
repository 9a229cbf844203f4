"""Project's lines of a traceback."""

import traceback
from types import TracebackType

from reglab.project.source_lines import ProjectFrames


def raised_at(trace: TracebackType | None, frames: ProjectFrames) -> tuple[str, ...]:
    """Return the project's lines of a traceback, innermost first."""
    places = [
        f"{frames.relative(frame.f_code.co_filename)}:{line} in {frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(trace)
        if frames.is_project(frame.f_code.co_filename)
    ]
    return tuple(reversed(places))
