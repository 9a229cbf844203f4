"""Verdicts of other methods on the same requests."""

from collections.abc import Sequence
from typing import Final

from scipy import stats

# pytest-benchmark --benchmark-compare-fail=mean:10%
MEAN_THRESHOLD: Final = 0.10
SIGNIFICANCE: Final = 0.05


def mean_is_slower(*, baseline_seconds_mean: float, candidate_seconds_mean: float) -> bool:
    """Judge as pytest-benchmark's `mean:10%` does: by two means, whatever their noise."""
    return candidate_seconds_mean > baseline_seconds_mean * (1 + MEAN_THRESHOLD)


def mann_whitney_is_slower(*, baseline: Sequence[float], candidate: Sequence[float]) -> bool:
    """Judge by the Mann-Whitney test on all requests of all pairs, as if each were independent of the others."""
    return bool(stats.mannwhitneyu(candidate, baseline, alternative="greater").pvalue < SIGNIFICANCE)
