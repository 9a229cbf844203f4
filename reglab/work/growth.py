"""The growth law: how each counter grows along each axis, from two sizes or more."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reglab.config.suite import Axis, Scenario
from reglab.counters.definition import CounterMetric, Held
from reglab.project.data.dataset_sizes import Point

_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One counter against one axis: the points, and k where the counter grows like size to the power of k."""

    metric: CounterMetric
    axis: str
    points: tuple[tuple[int, int], ...]
    variants: tuple[str, ...]
    exponent: float
    is_held: bool


def growths(
    scenario: Scenario,
    totals: Mapping[CounterMetric, Mapping[str, int]],
    *,
    points: Sequence[Point],
    axes: Mapping[str, Axis],
) -> Iterator[Growth]:
    """Fit each counter of a scenario along each axis. `totals` holds the counter's value by metric and variant."""
    # What grows in statements comes first: it is the cause of what then grows in rows.
    for metric, value_by_variant in sorted(totals.items(), key=lambda item: _order(item[0])):
        for name, axis in axes.items():
            line = [point for point in _along(points, name) if point.variant in value_by_variant]
            if len(line) >= 2:
                pairs = tuple((point.sizes[name], value_by_variant[point.variant]) for point in line)
                yield Growth(
                    metric=metric,
                    axis=name,
                    points=pairs,
                    variants=tuple(point.variant for point in line),
                    exponent=exponent(pairs),
                    is_held=_is_held(metric, axis) and not scenario.may_grow(metric.name, name),
                )


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
