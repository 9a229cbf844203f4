"""The order of the sides' turns."""

from collections import Counter
from random import Random

import pytest

from reglab.timing.schedule import REQUESTS_MAX, REQUESTS_MIN, interleaved, requests_in_round


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # an order, not a secret


@pytest.mark.parametrize("seed", range(20))
def test_each_side_has_the_same_number_of_turns(seed: int) -> None:
    """Twelve requests a side, whatever chance decides."""
    turns = list(interleaved("ABS", requests=12, chance=chance(seed)))
    assert Counter(turns) == {"A": 12, "B": 12, "S": 12}


@pytest.mark.parametrize("seed", range(20))
def test_every_block_is_followed_by_its_mirror_image(seed: int) -> None:
    """A straight drift adds the same to each side of a block: places 0 to 5 pair up as 0+5, 1+4 and 2+3."""
    turns = list(interleaved("ABS", requests=4, chance=chance(seed)))
    for start in (0, 6):
        block = turns[start : start + 6]
        assert block == block[::-1]
        assert len(set(block[:3])) == 3


def test_which_side_begins_is_left_to_chance() -> None:
    """Over many blocks each side begins some: ABBA and BAAB both happen."""
    turns = list(interleaved("AB", requests=200, chance=chance(1)))
    assert set(turns[::4]) == {"A", "B"}


def test_a_seed_repeats_the_order() -> None:
    """The record's seed gives the same order again."""
    first, second = (list(interleaved("ABS", requests=40, chance=chance(7))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("seconds", "requests"), [(0.005, 24), (0.0001, REQUESTS_MAX), (1.0, REQUESTS_MIN), (0.0, 40)])
def test_a_round_has_as_many_requests_as_fit_its_time(seconds: float, requests: int) -> None:
    """0.12 s of 5 ms requests are 24; the number is even, at least 10 and at most 40."""
    assert requests_in_round(seconds) == requests
    assert requests_in_round(seconds) % 2 == 0
