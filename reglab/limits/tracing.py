"""Lines behind an outcome: the one that altered a value, the one that raised, the one that was busy."""

import linecache
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, Final

from django.core.validators import RegexValidator

from reglab.project.source_lines import ProjectFrames

_SEARCHED: Final = 2


def altering_line(send: Callable[[], object], *, altered: str, sent: str, frames: ProjectFrames) -> str:
    """Send once more, line by line, and return the project's line after which the altered value is first there."""
    found: list[str] = []
    lines: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if found or not frames.is_project(frame.f_code.co_filename):
            return None
        if event != "call" and _holds(frame.f_locals, altered):
            found.append(_place(frame.f_code, lines.get(frame, frame.f_lineno), frames))
        lines[frame] = frame.f_lineno
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        send()
    finally:
        sys.settrace(previous)
    return found[0] if found and altered != sent else ""


def busy_at(frame: FrameType | None, frames: ProjectFrames) -> tuple[str, ...]:
    """Return where a process was busy: the line of the expression that backtracks, then the project's lines above."""
    pattern, places = "", []
    while frame is not None:
        validator = frame.f_locals.get("self")
        if not pattern and isinstance(validator, RegexValidator):
            pattern = str(getattr(validator.regex, "pattern", ""))
        if frames.is_project(frame.f_code.co_filename):
            places.append(_place(frame.f_code, frame.f_lineno, frames))
        frame = frame.f_back
    return (*_lines_with(pattern, frames), *places)


def _lines_with(pattern: str, frames: ProjectFrames) -> Iterator[str]:
    """Yield the project's lines that hold an expression's text, those of migrations last."""
    if not pattern:
        return
    spellings = (pattern, pattern.replace("\\", "\\\\"))
    files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    for file in sorted((one for one in files if frames.is_project(one)), key=lambda one: ("migrations" in one, one)):
        for number, line in enumerate(linecache.getlines(file), start=1):
            if any(spelling in line for spelling in spellings):
                yield f"{frames.relative(file)}:{number}"
                return


def _holds(values: Any, altered: str, depth: int = _SEARCHED) -> bool:
    if isinstance(values, str):
        return values == altered
    if depth and isinstance(values, dict):
        return any(_holds(one, altered, depth - 1) for one in list(values.values()))
    if depth and isinstance(values, list | tuple):
        return any(_holds(one, altered, depth - 1) for one in values[:20])
    return False


def _place(code: CodeType, line: int, frames: ProjectFrames) -> str:
    return f"{frames.relative(code.co_filename)}:{line} in {code.co_qualname}"
