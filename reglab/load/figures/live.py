"""One line for the terminal while a load is on: how far it is, what it does, and how it would be judged so far."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reglab.config.profile import Profile
from reglab.load.figures.measurements import load_measurements
from reglab.load.figures.slos import breaches, slo_findings
from reglab.load.generator.arrivals import PlannedCounts
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.operations import Load
from reglab.report.policy import Policy

INTERVAL_S: Final = 1.0
# Percentiles of every scenario take a while of Python, on the machine that is measured.
JUDGED_EVERY: Final = 5
_NOTHING: Final = PlannedCounts(arrivals=0, writes=0, judged=0)


@dataclass(slots=True, kw_only=True)
class Follower:
    """Says once a second what the generator's state is, and every few seconds judges it anew."""

    profile: Profile
    load: Load
    policy: Policy
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _due: float = 0.0
    _times: int = 0
    _broken: str = ""

    def show(self, state: GeneratorState) -> None:
        """Say the state, where a second has passed since the last time."""
        if self.clock() >= self._due:
            self._due = self.clock() + INTERVAL_S
            if self._times % JUDGED_EVERY == 0:
                self._broken = broken_slo(self.profile, self.load, self.policy, state)
            self._times += 1
            self.say(sentence(self.profile, state, broken=self._broken))


def broken_slo(profile: Profile, load: Load, policy: Policy, state: GeneratorState) -> str:
    """Return the first SLO that is broken so far, or nothing."""
    figures = load_measurements(profile, load, state, planned=_NOTHING)
    return next(iter(breaches(slo_findings(figures, policy))), "")


def sentence(profile: Profile, state: GeneratorState, *, broken: str) -> str:
    """Return the line: time left, arrivals, answers, failures, percentiles of the last seconds, a broken SLO."""
    seconds = state.seconds()
    total = [sum(values[place] for values in seconds.values()) for place in (0, 1)]
    answered = sum(tally.answered for tally in state.tallies().values())
    left = max(profile.seconds - (max(seconds) + 1 if seconds else 0), 0)
    recent = state.recent_ms()
    percentiles = [f"p{percent} {_nearest_rank(recent, percent):.0f}" for percent in (50, 95, 99)] if recent else []
    return (
        f"{profile.name}: {left:.0f} s left, {total[0]:.0f} arrivals, {answered} answered, {total[1]:.0f} failures"
        + (f", {' '.join(percentiles)} ms" if percentiles else "")
        + (f"; broken so far: {broken}" if broken else "; no SLO broken so far")
    )


def _nearest_rank(values: list[float], percent: int) -> float:
    return values[max(-(-len(values) * percent // 100) - 1, 0)]
