"""Trends over past runs, with the points where a line seems to have changed. Advice: nothing here decides.

For a work counter every difference is a change. For a sampled metric the line is turned into normal scores (van der
Waerden), which have one distribution whatever the metric's, and PELT (Killick et al. 2012, by ruptures) cuts it where
that lowers the squared error by more than a penalty. The penalty was calibrated on lines without a change: see
tests/report/test_trends.py, and docs/reports.md for its false alarms.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import Final

from reglab.metrics import METRICS, Assumption, Better
from reglab.report.history.time_series import Point, Quantity
from reglab.report.records import Number

RUNS_MIN: Final = 10  # fewer runs than this carry no change point of a sampled metric
SEGMENT_RUNS_MIN: Final = 4
PENALTY: Final = 3.0  # times the logarithm of the number of runs
_RUNS_MAX: Final = 200  # so many of the latest runs are searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A place where a line seems to have moved: the first run of the later level, and both levels (medians)."""

    point: Point
    level_before: Number
    level_after: Number

    @property
    def effect(self) -> float:
        """The later level relative to the earlier one, as a fraction; infinite where the earlier one is 0."""
        if self.level_before == 0:
            return math.inf
        return self.level_after / self.level_before - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One quantity over past runs, the latest last; `pinned` is its value in the pinned baseline, if there is one."""

    quantity: Quantity
    points: tuple[Point, ...]
    changes: tuple[Change, ...]
    pinned: Number | None = None

    @property
    def drift(self) -> float | None:
        """How far the median of the last runs is from the pinned baseline, as a fraction."""
        if not self.pinned:
            return None
        return median(point.value for point in self.points[-SEGMENT_RUNS_MIN:]) / self.pinned - 1

    @property
    def is_worse(self) -> bool:
        """Whether the last change went in the metric's worse direction."""
        if not self.changes:
            return False
        rose = self.changes[-1].level_after > self.changes[-1].level_before
        return {Better.LOWER: rose, Better.HIGHER: not rose, Better.SAME: True}[METRICS[self.quantity.metric].better]


def trends_of(lines: Mapping[Quantity, Sequence[Point]], *, pinned_run: str = "") -> list[Trend]:
    """Return the trend of each line; those that changed for the worse come first, then those that changed."""
    trends = [
        Trend(
            quantity=quantity,
            points=tuple(points),
            changes=tuple(changes_of(points, exact=METRICS[quantity.metric].assumption is Assumption.EXACT)),
            pinned=next((point.value for point in points if point.run == pinned_run), None),
        )
        for quantity, points in lines.items()
    ]
    return sorted(trends, key=lambda trend: (not trend.is_worse, not trend.changes))


def changes_of(points: Sequence[Point], *, exact: bool) -> list[Change]:
    """Return where a line changed: at each step of a work counter, at the change points of a sampled metric."""
    searched = points[-_RUNS_MAX:]
    values = [float(point.value) for point in searched]
    starts = _steps(values) if exact else change_points(values)
    bounds = [0, *starts, len(values)]
    return [
        Change(
            point=searched[start],
            level_before=median(values[before:start]),
            level_after=median(values[start:after]),
        )
        for before, start, after in zip(bounds, starts, bounds[2:], strict=False)
    ]


def change_points(values: Sequence[float]) -> list[int]:
    """Return the indices at which a new level begins. No line is cut that has fewer than ten runs or one value."""
    if len(values) < RUNS_MIN or len(set(values)) == 1:
        return []
    import numpy as np
    from ruptures import KernelCPD

    # The linear kernel's cost is the squared error, and this implementation of PELT is the one in C.
    signal = np.array(normal_scores(values)).reshape(-1, 1)
    search = KernelCPD(kernel="linear", min_size=SEGMENT_RUNS_MIN).fit(signal)
    found: list[int] = search.predict(pen=PENALTY * math.log(len(values)))
    return found[:-1]


def normal_scores(values: Sequence[float]) -> list[float]:
    """Replace each value by the normal quantile of its rank, scaled to variance 1; equal values share a mean rank."""
    ordered = sorted(values)
    first = {value: index for index, value in reversed(list(enumerate(ordered)))}
    last = {value: index for index, value in enumerate(ordered)}
    normal = NormalDist()
    scores = [normal.inv_cdf(((first[value] + last[value]) / 2 + 1) / (len(values) + 1)) for value in values]
    spread = math.sqrt(sum(score * score for score in scores) / len(scores))
    return [score / spread for score in scores] if spread else scores


def _steps(values: Sequence[float]) -> list[int]:
    return [index for index in range(1, len(values)) if values[index] != values[index - 1]]
