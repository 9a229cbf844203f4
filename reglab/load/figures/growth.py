"""Growth of a quantity over a long load: its slope with an interval, so that it is judged and not looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

# Below half an hour a slope an hour is a guess.
SECONDS_MIN: Final = 1_800.0
# Caches, pools and allocators fill for a while, in steps, and then stay. What is a leak grows over the whole, and
# still at the end: both windows have to prove it.
SETTLING_SHARE: Final = 0.25
END_SHARE: Final = 2 / 3
# Neighbouring seconds are not independent: each block's median stands for its values.
BLOCKS: Final = 24
CONFIDENCE: Final = 0.95

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A slope in percent of the quantity's median an hour, and the interval that holds it."""

    slope: float
    lower: float
    upper: float
    seconds: float


def growth_of(points: Sequence[Point]) -> Growth | None:
    """Return the growth of points in order of time (seconds, value), None where they are too few or too short.

    Slope and upper end are those of the last third. The lower end, which proves growth, is the smaller one of the last
    third's and of the whole's after it has settled: memory that has filled, and stays, does not grow.
    """
    if not points or points[-1][0] - points[0][0] < SECONDS_MIN:
        return None
    whole, end = _since(points, SETTLING_SHARE), _since(points, END_SHARE)
    if whole is None or end is None:
        return None
    return Growth(slope=end.slope, lower=min(whole.lower, end.lower), upper=end.upper, seconds=end.seconds)


def _since(points: Sequence[Point], share: float) -> Growth | None:
    """Return the growth after a share of the time.

    The slope is the median of the slopes between all pairs of blocks, its interval that of Sen (1968): one outlier,
    such as a worker that restarts, moves neither.
    """
    from scipy.stats import theilslopes

    begin, end = points[0][0] + share * (points[-1][0] - points[0][0]), points[-1][0]
    edges = [begin + (end - begin) * number / BLOCKS for number in range(BLOCKS + 1)]
    edges[-1] += 1.0
    blocks = [
        ((lower + upper) / 2, median(values))
        for lower, upper in pairwise(edges)
        if (values := [value for at, value in points if lower <= at < upper])
    ]
    if len(blocks) < BLOCKS / 2:
        return None
    hours, values = [at / 3600 for at, _ in blocks], [value for _, value in blocks]
    found = theilslopes(values, hours, alpha=CONFIDENCE)
    percent = 100 / median(values) if median(values) else 0.0
    return Growth(
        slope=float(found.slope) * percent,
        lower=float(found.low_slope) * percent,
        upper=float(found.high_slope) * percent,
        seconds=end - begin,
    )
