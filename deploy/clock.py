"""Time as the release sees it: tests put their own in its place."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds that only go up, and a way to wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def polls(self, *, seconds: float, every: float) -> Iterator[None]:
        """Yield at once, and then every `every` seconds, until `seconds` have passed."""
        end = self.now() + seconds
        yield
        while self.now() < end:
            self.sleep(every)
            yield
