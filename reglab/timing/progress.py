"""Progress of a comparison: how many pairs are taken, and when the next look is due."""

import os
import sys
import time
from typing import Final

_WIDTH: Final = 110


class Progress:
    """One line on a terminal's standard error; nothing where there is none, or in CI."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty() and "CI" not in os.environ
        self._started = time.monotonic()
        self._taken = 0
        self._look = 0

    def say(self, text: str) -> None:
        """Show what is being done now."""
        if self._is_shown:
            print(f"\r\033[K{self._prefix()}{text}"[:_WIDTH], end="", file=sys.stderr, flush=True)

    def begin_pairs(self) -> None:
        """Start the clock that the estimate is made from."""
        self._started = time.monotonic()

    def aim_at(self, look: int) -> None:
        """Say at how many pairs the next decision may fall."""
        self._look = look

    def count_pair(self) -> None:
        """Count a finished pair."""
        self._taken += 1

    def done(self) -> None:
        """Clear the line."""
        if self._is_shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _prefix(self) -> str:
        if not self._look:
            return ""
        return f"pair {self._taken + 1} of {self._look}{self._estimate()} · "

    def _estimate(self) -> str:
        if not self._taken:
            return ""
        seconds = (time.monotonic() - self._started) / self._taken * (self._look - self._taken)
        return f" · about {seconds:.0f} s to the next look"
