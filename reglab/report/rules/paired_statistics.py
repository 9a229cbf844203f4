"""Deciding on paired times: is the slowdown proven, is its absence proven, or neither.

The pair is the unit of inference, never the request. A pair is one log-ratio, log(candidate / baseline), and the test
is Wilcoxon's signed rank in its exact form, against margins and not against zero: see docs/reports.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, stdev
from typing import Final, Literal

CONFIDENCE: Final = 0.95


class Conclusion(StrEnum):
    """What the pairs of one scenario prove."""

    SLOWER = "slower"
    NOT_SLOWER = "not slower"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What counts as slower, what counts as harmless, and the error that is allowed.

    `fail_above` and `pass_below` are fractions of the baseline's time. `alpha` bounds two probabilities over all
    looks: that any scenario which is slower by at most `fail_above` is called slower, and that a scenario which is
    slower by `pass_below` or more is called not slower. `looks` are the numbers of pairs at which one may decide.
    """

    fail_above: float = 0.02
    pass_below: float = 0.05
    alpha: float = 0.05
    looks: tuple[int, ...] = (12, 16, 24, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The conclusion on one scenario, with the size of the effect.

    `effect`, `effect_lower` and `effect_upper` are fractions of the baseline's time (0.09 is 9 % slower), `spread` is
    the standard deviation of the pairs' log-ratios. The p-values are adjusted for the looks, and `p_slower` for the
    scenarios too.
    """

    conclusion: Conclusion
    pairs: int
    effect: float
    effect_lower: float
    effect_upper: float
    spread: float
    p_slower: float
    p_not_slower: float


def log_ratios(*, baseline: Sequence[float], candidate: Sequence[float]) -> list[float]:
    """Return log(candidate / baseline) a pair. Raises ValueError where the values are no pairs, or are not positive."""
    if len(baseline) != len(candidate):
        raise ValueError(f"{len(baseline)} baseline values and {len(candidate)} candidate values are no pairs")
    if not all(value > 0 for value in (*baseline, *candidate)):
        raise ValueError("a time that is not above zero has no ratio")
    return [math.log(ours / theirs) for ours, theirs in zip(candidate, baseline, strict=True)]


def decide(log_ratios_by_scenario: Mapping[str, Sequence[float]], margins: Margins) -> dict[str, Decision]:
    """Decide on every scenario of one comparison, at the largest look that its pairs reach.

    "Slower" is adjusted by Holm over the scenarios, for one false alarm among them fails the comparison. "Not slower"
    is not: the comparison passes only if each scenario does, an intersection-union test, whose error is that of one.
    Both are multiplied by the number of looks (Bonferroni), so that looking again costs what it must.
    """
    judged = {
        scenario: list(values[: _look(len(values), margins.looks)])
        for scenario, values in log_ratios_by_scenario.items()
    }
    looks = len(margins.looks)
    slower = holm(
        {
            scenario: min(1.0, looks * signed_rank_p(values, margin=math.log1p(margins.fail_above), side="greater"))
            for scenario, values in judged.items()
        }
    )
    return {
        scenario: _decision(
            log_ratios_by_scenario[scenario],
            p_slower=slower[scenario],
            p_not_slower=min(1.0, looks * signed_rank_p(values, margin=math.log1p(margins.pass_below), side="less")),
            alpha=margins.alpha,
        )
        for scenario, values in judged.items()
    }


def signed_rank_p(values: Sequence[float], *, margin: float, side: Literal["greater", "less"]) -> float:
    """Return the exact one-sided p-value of Wilcoxon's signed rank for "the median of `values` is `margin`".

    A value on the margin is left out, as Wilcoxon did; equal distances share their rank, which only makes the exact
    distribution wider than it need be. Without any value left the p-value is 1: nothing proves nothing.
    """
    distances = [value - margin for value in values if value != margin]
    if not distances:
        return 1.0
    from scipy import stats  # a second of import, which only a run with pairs has to pay

    return float(stats.wilcoxon(distances, alternative=side, method="exact", zero_method="wilcox").pvalue)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p-values by Holm's step-down method (1979): the k-th smallest of m times m - k + 1, never decreasing."""
    adjusted: dict[str, float] = {}
    floor = 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = floor
    return adjusted


def hodges_lehmann(values: Sequence[float]) -> float:
    """Return the median of all Walsh averages: the location that goes with the signed rank."""
    return median(_walsh_averages(values))


def walsh_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval around the Hodges-Lehmann estimate that inverts the exact signed-rank test.

    Too few values for the confidence give the widest interval that they have, from least to greatest.
    """
    averages = sorted(_walsh_averages(values))
    tail, count = (1 - confidence) / 2, 0
    chances = signed_rank_chances(len(values))
    while sum(chances[: count + 1]) <= tail:
        count += 1
    return averages[max(0, count - 1)], averages[-max(1, count)]


def signed_rank_chances(n: int) -> list[float]:
    """Return P(W = w) for w = 0 … n(n+1)/2 under the null: each rank is in the sum or not, with chance one half."""
    counts = [1]
    for rank in range(1, n + 1):
        counts = [
            (counts[w] if w < len(counts) else 0) + (counts[w - rank] if w >= rank else 0)
            for w in range(len(counts) + rank)
        ]
    return [count / 2**n for count in counts]


def _look(pairs: int, looks: Sequence[int]) -> int:
    """Return the largest look that `pairs` reaches, 0 where there are too few for the first."""
    return max((look for look in looks if look <= pairs), default=0)


def _walsh_averages(values: Sequence[float]) -> list[float]:
    return [(first + second) / 2 for index, first in enumerate(values) for second in values[index:]]


def _decision(values: Sequence[float], *, p_slower: float, p_not_slower: float, alpha: float) -> Decision:
    conclusion = Conclusion.UNDECIDED
    if p_slower <= alpha:
        conclusion = Conclusion.SLOWER
    elif p_not_slower <= alpha:
        conclusion = Conclusion.NOT_SLOWER
    lower, upper = walsh_interval(values)
    return Decision(
        conclusion=conclusion,
        pairs=len(values),
        effect=math.expm1(hodges_lehmann(values)),
        effect_lower=math.expm1(lower),
        effect_upper=math.expm1(upper),
        spread=stdev(values) if len(values) > 1 else 0.0,
        p_slower=p_slower,
        p_not_slower=p_not_slower,
    )
