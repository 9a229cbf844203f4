"""Growth of a quantity over a long load: its slope with an interval, so that it is judged and not looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

# Below half an hour a slope an hour is a guess.
SECONDS_MIN: Final = 1_800.0
# Caches, pools and allocators fill at first: that is no growth. What does not end is.
SETTLING_SHARE: Final = 0.25
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

    The slope is the median of the slopes between all pairs of blocks, its interval that of Sen (1968): one outlier,
    such as a worker that restarts, moves neither.
    """
    from scipy.stats import theilslopes

    if not points or points[-1][0] - points[0][0] < SECONDS_MIN:
        return None
    begin, end = points[0][0] + SETTLING_SHARE * (points[-1][0] - points[0][0]), points[-1][0]
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
