"""Growth laws, by hand arithmetic."""

import pytest

from reglab.config.suite import Axis, Scenario
from reglab.counters.queries import QUERIES
from reglab.counters.rows import ROWS_READ
from reglab.project.data.dataset_sizes import points_of
from reglab.work.growth import exponent, growths

AXES = {
    "rows": Axis(sizes=(5, 50)),
    "unrelated": Axis(sizes=(0, 300), unrelated=True),
    "page_size": Axis(sizes=(100, 10), in_request=True, at={"rows": 50}),
}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (((5, 3), (50, 3)), 0.0),
        (((5, 5), (50, 50)), 1.0),  # ten times the size, ten times the count
        (((5, 25), (50, 2500)), 2.0),  # ten times the size, a hundred times the count
        (((1, 2), (2, 4), (4, 8)), 1.0),
        (((0, 0), (1, 1)), 1.0),  # log2(2)/log2(2), both shifted by one
    ],
)
def test_an_exponent_is_the_slope_of_logarithms(points: tuple[tuple[int, int], ...], expected: float) -> None:
    """The exponent is the slope of log(counter) over log(size), and exactly 0 for a constant."""
    assert exponent(points) == expected


def test_points_are_one_step_away_from_the_base() -> None:
    """The base comes first; each further size changes one axis, and `at` moves the base of its own steps."""
    assert [point.variant for point in points_of(AXES)] == ["rows=5", "rows=50", "unrelated=300", "page_size=10"]
    assert points_of(AXES)[3].sizes == {"rows": 50, "unrelated": 0, "page_size": 10}


def test_rows_read_are_held_on_unrelated_rows_alone() -> None:
    """Queries are held on every axis; rows read may grow with rows that were asked for."""
    scenario = Scenario(name="list", request="GET /")
    totals = {metric: {"rows=5": 5, "rows=50": 50, "unrelated=300": 9} for metric in (ROWS_READ, QUERIES)}
    found = {
        (one.metric.name, one.axis): one.is_held for one in growths(scenario, totals, points=points_of(AXES), axes=AXES)
    }
    assert found["queries", "rows"]
    assert not found["rows_read", "rows"]
    assert found["rows_read", "unrelated"]


def test_a_declared_exception_is_not_held() -> None:
    """What the suite declares to grow may grow."""
    exception = {"counter": "queries", "axis": "rows", "reason": "inserts in chunks of a thousand"}
    scenario = Scenario.model_validate({"name": "list", "request": "GET /", "growth": [exception]})
    totals = {QUERIES: {"rows=5": 5, "rows=50": 50}}
    assert not next(growths(scenario, totals, points=points_of(AXES), axes=AXES)).is_held
