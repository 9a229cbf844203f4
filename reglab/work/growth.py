"""The growth law: how each counter grows along each axis, from two sizes or more."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final

from reglab.config.suite import Axis, Scenario
from reglab.counters.engine.definition import CounterMetric, Held
from reglab.metrics import Shown
from reglab.project.data.dataset_sizes import Point

_DECIMALS: Final = 3
# More new statements than a view sends for its first result are one for each row, in different words.
_STEP_STATEMENTS_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One counter against one axis: the points, and k where the counter grows like size to the power of k.

    `is_step`: what is more at the larger sizes is sent once, as soon as there is any result. That is no growth.
    """

    metric: CounterMetric
    axis: str
    points: tuple[tuple[int, int], ...]
    variants: tuple[str, ...]
    exponent: float
    is_held: bool
    is_step: bool = False


def growths(
    scenario: Scenario,
    totals: Mapping[CounterMetric, Mapping[str, int]],
    *,
    points: Sequence[Point],
    axes: Mapping[str, Axis],
    statements: Mapping[str, Mapping[str, int]] = MappingProxyType({}),
) -> Iterator[Growth]:
    """Fit each counter of a scenario along each axis. `totals` holds the counter's value by metric and variant.

    `statements` holds how often each statement ran, by variant: they tell a step from growth.
    """
    # What grows in statements comes first: it is the cause of what then grows in rows.
    for metric, value_by_variant in sorted(totals.items(), key=lambda item: _order(item[0])):
        for name, axis in axes.items():
            line = [point for point in _along(points, name) if point.variant in value_by_variant]
            if len(line) >= 2:
                pairs = tuple((point.sizes[name], value_by_variant[point.variant]) for point in line)
                sent = [statements[point.variant] for point in line if point.variant in statements]
                step = metric.shown is Shown.STATEMENTS and len(sent) == len(line) and is_step(pairs, sent)
                yield Growth(
                    metric=metric,
                    axis=name,
                    points=pairs,
                    variants=tuple(point.variant for point in line),
                    exponent=exponent(pairs),
                    is_held=_is_held(metric, axis) and not step and not scenario.may_grow(metric.name, name),
                    is_step=step,
                )


def is_step(points: Sequence[tuple[int, int]], statements: Sequence[Mapping[str, int]]) -> bool:
    """Tell whether statements are only sent as soon as there is any result, once each: no growth.

    Over three sizes growth goes on: what is more at the second and equal at the last two is a step, too, unless a
    statement repeats. A statement that ran at one size and runs more often at a larger one always grows.
    """
    if len({value for _, value in points}) == 1:
        return False
    for smaller, larger in combinations(statements, 2):
        if any(count > smaller.get(text, 0) >= 1 for text, count in larger.items()):
            return False
    new = [count for text, count in statements[-1].items() if text not in statements[0]]
    goes_on = len(points) > 2 and points[-1][1] != points[-2][1]
    return bool(new) and max(new) == 1 and len(new) <= _STEP_STATEMENTS_MAX and not goes_on


def exponent(points: Sequence[tuple[int, int]]) -> float:
    """Return the slope of log(counter) over log(size) by least squares, 0 exactly where the counter is constant.

    Sizes and counters are taken plus one where any is 0, because a logarithm needs it: then the exponent is a lower
    bound.
    """
    if len({value for _, value in points}) == 1:
        return 0.0
    shift = 1 if any(size == 0 or value == 0 for size, value in points) else 0
    xs = [math.log(size + shift) for size, _ in points]
    ys = [math.log(value + shift) for _, value in points]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return round(above / sum((x - x_mean) ** 2 for x in xs), _DECIMALS)


def _along(points: Sequence[Point], axis: str) -> list[Point]:
    """Return the points that differ along this axis alone, from the step that belongs to it, smallest first."""
    steps = [point for point in points if point.axis == axis]
    if not steps:
        return []
    rest = _without(steps[-1], axis)
    return sorted((point for point in points if _without(point, axis) == rest), key=lambda point: point.sizes[axis])


def _without(point: Point, axis: str) -> dict[str, int]:
    return {name: size for name, size in point.sizes.items() if name != axis}


def _order(metric: CounterMetric) -> tuple[bool, bool, int]:
    """Statements first, which must not depend on any size; then what explains time, in its order."""
    return metric.held is not Held.EVERY_AXIS, not metric.time_rank, metric.time_rank


def _is_held(metric: CounterMetric, axis: Axis) -> bool:
    return metric.held is Held.EVERY_AXIS or (axis.unrelated and metric.held is Held.UNRELATED_ROWS)
