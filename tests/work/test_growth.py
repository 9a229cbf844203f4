"""Growth laws, by hand arithmetic."""

import pytest

from reglab.config.suite import Axis, Scenario
from reglab.counters.queries import QUERIES
from reglab.counters.rows import ROWS_READ
from reglab.project.data.dataset_sizes import points_of
from reglab.work.growth import exponent, growths, is_step

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


@pytest.mark.parametrize(
    ("points", "statements", "expected"),
    [
        # No result, then some: two statements more, each sent once.
        (((1, 1), (9, 3)), [{"list": 1}, {"list": 1, "tags": 1, "authors": 1}], True),
        # The same over three sizes.
        (((1, 1), (9, 3), (81, 3)), [{"list": 1}, *[{"list": 1, "tags": 1, "authors": 1}] * 2], True),
        # One more at each size, in other words each time.
        (((1, 1), (9, 2), (81, 3)), [{"list": 1}, {"list": 1, "a": 1}, {"list": 1, "a": 1, "b": 1}], False),
        # An N+1, and one that a page of 20 rows caps.
        (((4, 5), (16, 17)), [{"list": 1, "author": 4}, {"list": 1, "author": 16}], False),
        (((5, 6), (50, 21), (500, 21)), [{"list": 1, "author": 5}, *[{"list": 1, "author": 20}] * 2], False),
        # An N+1 that begins with the first result.
        (((0, 1), (9, 10)), [{"list": 1}, {"list": 1, "author": 9}], False),
        # A statement of other words for each row.
        (((1, 1), (20, 21)), [{"list": 1}, {"list": 1, **{f"row {number}": 1 for number in range(20)}}], False),
        # Nothing grows at all.
        (((1, 1), (9, 1)), [{"list": 1}, {"list": 1}], False),
    ],
)
def test_the_step_from_no_result_to_some_is_no_growth(
    points: tuple[tuple[int, int], ...], statements: list[dict[str, int]], expected: bool
) -> None:
    """What is sent once as soon as there is a result is a step; what repeats by rows is growth at any size."""
    assert is_step(points, statements) is expected
