"""In which order the sides run: at random, and each order followed by its mirror image."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, TypeVar

Name = TypeVar("Name")

REQUESTS_MIN: Final = 10
REQUESTS_MAX: Final = 40
# Time of one side of one scenario in one pair: more requests steady the median, but only more pairs remove what a
# process's memory layout does, so that long rounds are wasted.
ROUND_SECONDS: Final = 0.12


def requests_in_round(seconds: float) -> int:
    """Return how many requests a side sends in one round, from the time of one: an even number."""
    wanted = int(ROUND_SECONDS / seconds) if seconds > 0 else REQUESTS_MAX
    return min(REQUESTS_MAX, max(REQUESTS_MIN, wanted + wanted % 2))


def interleaved(sides: Sequence[Name], *, requests: int, chance: Random) -> Iterator[Name]:
    """Give each side `requests` turns, as ABBA or BAAB at random: a drift then falls on all sides alike.

    With three sides a block is a random order of them and its mirror image. `requests` is even.
    """
    for _ in range(requests // 2):
        block = shuffled(sides, chance=chance)
        yield from block
        yield from reversed(block)


def shuffled(names: Sequence[Name], *, chance: Random) -> list[Name]:
    """Return the names in random order."""
    return chance.sample(list(names), k=len(names))
