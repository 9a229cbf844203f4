"""Threads that sleep: the kernel says so, and the interpreter says at which line."""

import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

# The frames of a thread that sleeps, innermost first, each as its code and line: equal as long as nothing goes on.
Place = tuple[tuple[CodeType, int], ...]


def sleeping_at(thread: threading.Thread | None) -> Place | None:
    """Return where a thread sleeps; None where it works, or where the system does not say."""
    if thread is None or thread.native_id is None or thread.ident is None:
        return None
    try:
        # The state follows the name in parentheses, which may hold any character.
        state = (
            Path(f"/proc/self/task/{thread.native_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        )
    except (OSError, IndexError, UnicodeDecodeError):
        return None
    frame = sys._current_frames().get(thread.ident) if state == "S" else None  # noqa: SLF001  # the documented way
    return tuple(_places(frame)) if frame is not None else None


def _places(frame: FrameType | None) -> "list[tuple[CodeType, int]]":
    found = []
    while frame is not None:
        found.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return found
