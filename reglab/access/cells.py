"""Cells of the matrix: what one caller is answered at one endpoint, and how far that lets them in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

ABSENT: Final = "absent"
LOGIN: Final = "log-in page"
WRITES: Final = " and writes"
_REFUSED: Final = frozenset({"401", "403", "404", "405", LOGIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One answer: its status in words ("401", "absent", "201 and writes"), and where the view stands."""

    scenario: str
    endpoint: str
    caller: str
    answer: str
    place: str = ""
    guards: str = ""


def openness(answer: str) -> int:
    """Return how far an answer lets a caller in: 0 no such URL, 1 refused, 2 reached the code, 3 served, 4 wrote."""
    if answer == ABSENT:
        return 0
    if answer in _REFUSED:
        return 1
    if answer.endswith(WRITES):
        return 4
    return 3 if answer.startswith("2") else 2


def refused_to_all(cells: Iterable[Cell], scenarios: Collection[str]) -> list[str]:
    """Return those of the scenarios in which no caller at all was let in: whose permissions were never asked."""
    open_to: dict[str, bool] = {}
    for cell in cells:
        if cell.scenario in scenarios:
            open_to[cell.scenario] = open_to.get(cell.scenario, False) or openness(cell.answer) > 1
    return [scenario for scenario, is_open in open_to.items() if not is_open]
