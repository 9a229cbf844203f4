"""Console of a command: where its words go, at which width, in colour or not, and how progress is shown."""

import os
import sys
import textwrap
import time
from dataclasses import dataclass, field, replace
from typing import Final, Self, TextIO

_PIPED_WIDTH: Final = 140
_WIDTH_MIN: Final = 60
_LIST_WIDTH: Final = 80
_PROGRESS_EVERY_SECONDS: Final = 10.0


@dataclass(slots=True, kw_only=True)
class Console:
    """Standard output for results, standard error for everything else.

    `is_live` says whether progress may be drawn over itself; elsewhere it is one line every ten seconds.
    """

    out: TextIO
    err: TextIO
    width: int
    has_colour: bool
    is_live: bool
    is_quiet: bool = False
    is_verbose: bool = False
    _last_progress: float = field(default_factory=time.monotonic)
    _has_progress: bool = False

    @classmethod
    def of_process(cls) -> Self:
        """Return the console of this process's own streams."""
        for stream in (sys.stdout, sys.stderr):
            # A report has names from everywhere; PYTHONIOENCODING=ascii must cost a letter, not the run.
            if hasattr(stream, "reconfigure") and (stream.encoding or "").lower() not in {"utf-8", "utf8"}:
                stream.reconfigure(errors="backslashreplace")
        return cls.around(sys.stdout, sys.stderr)

    @classmethod
    def around(cls, out: TextIO, err: TextIO, *, has_colour: bool | None = None) -> Self:
        """Return a console on two streams; colours are for a terminal that nobody told to do without."""
        is_terminal = _is_terminal(out) and "CI" not in os.environ
        width = _terminal_width(out) if _is_terminal(out) else _piped_width()
        return cls(
            out=out,
            err=err,
            width=max(_WIDTH_MIN, width),
            has_colour=is_terminal and "NO_COLOR" not in os.environ if has_colour is None else has_colour,
            is_live=_is_terminal(err) and "CI" not in os.environ,
        )

    def adjusted(self, *, is_quiet: bool, is_verbose: bool = False) -> Self:
        """Return the same console, quiet or not, with every finding or the causes alone."""
        return replace(self, is_quiet=is_quiet, is_verbose=is_verbose)

    def say(self, text: str) -> None:
        """Print one line of a result; a reader that has seen enough, such as `head`, changes nothing of the outcome."""
        self._end_progress()
        try:
            print(text, file=self.out, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.fileno())

    def warn(self, text: str) -> None:
        """Print one line beside the results: a problem, or what was done on the way."""
        self._end_progress()
        print(text, file=self.err, flush=True)

    def tell(self, text: str) -> None:
        """Print one line on the way, unless the console is quiet."""
        if not self.is_quiet:
            self.warn(text)

    def progress(self, text: str) -> None:
        """Show how far the work is."""
        if self.is_quiet:
            return
        if self.is_live:
            print(f"\r\033[K{text[: self.width - 1]}", end="", file=self.err, flush=True)
            self._has_progress = True
        elif time.monotonic() - self._last_progress >= _PROGRESS_EVERY_SECONDS:
            self._last_progress = time.monotonic()
            print(text, file=self.err, flush=True)

    def _end_progress(self) -> None:
        if self._has_progress:
            print("\r\033[K", end="", file=self.err, flush=True)
            self._has_progress = False


def wrapped(text: str, *, indent: int = 0) -> str:
    """Return one entry of a list for people, at 80 columns; further lines stand deeper than the first."""
    return textwrap.fill(
        text,
        _LIST_WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _is_terminal(stream: TextIO) -> bool:
    return hasattr(stream, "isatty") and stream.isatty()


def _piped_width() -> int:
    """Return the width of a log: what COLUMNS says, which no shell exports by itself, or that of most CI servers."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else _PIPED_WIDTH


def _terminal_width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return _PIPED_WIDTH
