"""Trends: change points where there are some, and how often there are none."""

import math
import random
from collections.abc import Callable

import pytest

from reglab.report.history.time_series import Point, Quantity
from reglab.report.history.trends import change_points, changes_of, normal_scores, trends_of

QUANTITY = Quantity(
    instrument="load",
    scenario="summary",
    endpoint="GET /api/orders/summary/",
    metric="latency_ms_p95",
    part="",
    variant="",
    subject="service",
    line="a machine",
)


def points(*values: float) -> list[Point]:
    return [
        Point(run=f"run-{index}", revision=f"{index:07x}", started_at="2026-01-31T12:00:00+00:00", value=value, count=1)
        for index, value in enumerate(values)
    ]


def normal(chance: random.Random) -> float:
    return chance.gauss(100, 5)


def lognormal(chance: random.Random) -> float:
    return math.exp(chance.gauss(0, 1))


def rounded(chance: random.Random) -> float:
    return round(chance.gauss(10, 1))


def bimodal(chance: random.Random) -> float:
    return chance.gauss(10, 0.1) if chance.random() < 0.8 else chance.gauss(14, 0.1)


@pytest.mark.parametrize("noise", [normal, lognormal, rounded, bimodal])
@pytest.mark.parametrize("runs", [10, 20, 50, 100])
def test_lines_without_a_change_raise_few_false_alarms(noise: Callable[[random.Random], float], runs: int) -> None:
    """Of 300 seeded lines without a change, of any distribution, at most 2 % have a change point."""
    chance = random.Random(f"{noise.__name__}{runs}")  # noqa: S311 -- noise, not secrets
    alarms = sum(bool(change_points([noise(chance) for _ in range(runs)])) for _ in range(300))
    assert alarms <= 6


@pytest.mark.parametrize(("runs", "least"), [(20, 95), (50, 99)])
def test_a_shift_of_three_standard_deviations_is_found(runs: int, least: int) -> None:
    """Of 100 seeded lines whose level moves by 3 SD half-way, nearly all have a change point near there."""
    chance = random.Random(runs)  # noqa: S311 -- noise, not secrets
    found = 0
    for _ in range(100):
        values = [chance.gauss(100, 5) + (15 if index >= runs // 2 else 0) for index in range(runs)]
        found += any(abs(point - runs // 2) <= 2 for point in change_points(values))
    assert found >= least


def test_normal_scores_do_not_depend_on_the_distribution() -> None:
    """Any increasing change of the values leaves their scores as they are."""
    values = [3.0, 1.0, 2.0, 10.0]
    assert normal_scores(values) == normal_scores([math.exp(value) for value in values])


def test_equal_values_share_their_score() -> None:
    """Two equal values have one score, and the middle of three distinct ones has 0."""
    assert normal_scores([1, 1, 2])[0] == normal_scores([1, 1, 2])[1]
    assert normal_scores([1, 2, 3])[1] == pytest.approx(0)


def test_nine_runs_carry_no_change_point() -> None:
    """Below ten runs a sampled metric has no change point, whatever it does."""
    assert change_points([1.0, 2.0, 1.5, 1.2, 90.0, 91.0, 92.0, 93.0, 94.0]) == []


def test_each_step_of_a_work_counter_is_a_change() -> None:
    """A count of 3, 3, 4, 4, 3 changed at its third and its fifth run."""
    changes = changes_of(points(3, 3, 4, 4, 3), exact=True)
    assert [(each.point.run, each.level_before, each.level_after) for each in changes] == [
        ("run-2", 3, 4),
        ("run-4", 4, 3),
    ]


def test_drift_is_told_against_the_pinned_baseline() -> None:
    """Each run 1 % above the one before: no single step is large, and the drift from the pin is."""
    # The last four of 1.01^0 … 1.01^19 are 1.01^16 … 1.01^19; their median is about 1.01^17.5 = 1.190.
    line = points(*(100 * 1.01**index for index in range(20)))
    (trend,) = trends_of({QUANTITY: line}, pinned_run="run-0")
    assert trend.drift == pytest.approx(1.01**17.5 - 1, abs=0.001)


def test_lines_that_got_worse_come_first() -> None:
    """A latency that rose stands before one that fell, and before one that stayed."""
    up, down, flat = points(*[10.0] * 10, *[20.0] * 10), points(*[20.0] * 10, *[10.0] * 10), points(*[10.0] * 20)
    names = dict(zip(("flat", "down", "up"), (flat, down, up), strict=True))
    lines = {_named(name): line for name, line in names.items()}
    assert [trend.quantity.scenario for trend in trends_of(lines)] == ["up", "down", "flat"]


def _named(scenario: str) -> Quantity:
    return Quantity(
        instrument="load",
        scenario=scenario,
        endpoint="",
        metric="latency_ms_p95",
        part="",
        variant="",
        subject="service",
        line="a machine",
    )
