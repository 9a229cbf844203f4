"""Slowdowns of known size: scenarios that ask for one, and a candidate that obeys."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from reglab.config.suite import SuiteFile
from reglab.timing.variants import Side
from tools.calibration.kinds import SLOWED, Kind

HEADER: Final = "X-Planted-Delay"

# At the end of the URLconf, which every process of a side loads before its first request. The delay is a part of what
# this very request took, so that it stays that part however fast the machine happens to be. What is asked for without
# the header goes the same way, and is not delayed: one candidate serves trials of every kind.
_OBEYING: Final = """

def _plant():
    import time

    from reglab.project.requests.test_client import Visitor

    send = Visitor.send

    def delayed(self, requests, *, responses):
        started = time.perf_counter_ns()
        send(self, requests, responses=responses)
        delay = float(requests[0].headers.get({header!r}, 0))
        if delay:
            now = time.perf_counter_ns()
            end = now + delay * (now - started)
            while time.perf_counter_ns() < end:
                pass

    Visitor.send = delayed


_plant()
"""


def plant_delays(side: Side, *, urlconf: Path) -> None:
    """Have a side slow down the requests that ask for it, by the fraction that they ask for."""
    target = side.folder / urlconf
    target.write_text(target.read_text(encoding="utf-8") + _OBEYING.format(header=HEADER), encoding="utf-8")


def suite_with_delays(file: SuiteFile, kinds: Iterable[Kind]) -> str:
    """Return the text of a suite that has a scenario for each planted delay beside its own."""
    scenario = next(each for each in file.suite.scenario if each.name == SLOWED)
    text = file.text
    for kind in kinds:
        if kind.delay:
            text += (
                f'\n[[scenario]]\nname = "{kind.slowed}"\nrequest = "{scenario.request}"\n'
                f'headers = {{ "{HEADER}" = "{kind.delay}" }}\n'
            )
    return text
