"""Open arrivals: a Poisson process at the profile's rate, the same for a seed however many workers share it."""

import math
import random
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from reglab.config.profile import Profile, Stage
from reglab.load.operations import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One intended request: when, in seconds from the load's start, in which stage, and of which scenario."""

    index: int
    at_s: float
    stage: int
    scenario: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of the arrivals that one of `count` workers sends: those whose index leaves `index` over."""

    index: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCounts:
    """How many arrivals a profile will make, all told and by what they do."""

    arrivals: int
    writes: int
    judged: int


def planned_arrivals(profile: Profile, *, share: Share | None = None) -> Iterator[Arrival]:
    """Draw the arrivals of a profile in order of time.

    Unit-rate exponential gaps are mapped through the inverse of the cumulative rate, which makes the process exact
    on ramps too (Lewis and Shedler, 1979, section 1). Every worker draws all of them and keeps its share, so that
    neither the times nor the mix depend on the number of workers.
    """
    share = share or Share()
    draw = random.Random(profile.seed).random  # noqa: S311  # reproducible is the point
    names = list(profile.mix)
    bounds = list(accumulate(profile.mix.values()))
    for index, (stage, at_s) in enumerate(_times(profile.stage, draw=draw)):
        chosen = names[bisect(bounds, draw() * bounds[-1], hi=len(bounds) - 1)]
        if index % share.count == share.index:
            yield Arrival(index=index, at_s=at_s, stage=stage, scenario=chosen)


def planned_counts(profile: Profile, load: Load) -> PlannedCounts:
    """Count what a profile will send, before any of it is sent."""
    arrivals = writes = judged = 0
    writing = load.writes
    for arrival in planned_arrivals(profile):
        arrivals += 1
        writes += arrival.scenario in writing
        judged += profile.stage[arrival.stage].judged
    return PlannedCounts(arrivals=arrivals, writes=writes, judged=judged)


def _times(stages: tuple[Stage, ...], *, draw: Callable[[], float]) -> Iterator[tuple[int, float]]:
    """Give the stage and the time of each arrival."""
    due = -math.log(1.0 - draw())
    begun_s = 0.0
    for number, stage in enumerate(stages):
        expected = (stage.from_rps + stage.to_rps) / 2 * stage.seconds
        while due < expected:
            yield number, begun_s + _time_of(due, stage)
            due -= math.log(1.0 - draw())
        due -= expected
        begun_s += stage.seconds


def _time_of(count: float, stage: Stage) -> float:
    """Return when a stage has brought `count` expected arrivals: the root of a·t + k·t²/2 = count.

    Written with the sum in the denominator, so that it holds for a flat rate (k = 0) and for one that starts at 0.
    """
    slope = (stage.to_rps - stage.from_rps) / stage.seconds
    root = math.sqrt(max(stage.from_rps**2 + 2 * slope * count, 0.0))
    return min(2 * count / (stage.from_rps + root), stage.seconds) if count else 0.0
