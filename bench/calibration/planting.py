"""A slowdown of known size, planted into the candidate's files."""

from pathlib import Path
from typing import Final

from bench.paired.sides import Side

# At the end of the URLconf, which every process of a side loads before its first request. The delay is a part of what
# this very request took, so that it stays that part however fast the machine happens to be.
_DELAY: Final = """

def _plant():
    import time

    from bench.exchange import Visitor

    send = Visitor.send

    def delayed(self, requests, *, responses):
        started = time.perf_counter_ns()
        send(self, requests, responses=responses)
        if {path!r} in requests[0].path:
            now = time.perf_counter_ns()
            end = now + {delay} * (now - started)
            while time.perf_counter_ns() < end:
                pass

    Visitor.send = delayed


_plant()
"""


def plant_delay(side: Side, *, urlconf: Path, path: str, delay: float) -> None:
    """Slow down every request of a side whose path contains `path` by the fraction `delay`."""
    target = side.folder / urlconf
    target.write_text(target.read_text(encoding="utf-8") + _DELAY.format(path=path, delay=delay), encoding="utf-8")
