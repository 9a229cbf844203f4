"""Bounds of a before/after pair: what its author promises of each side, held against what was measured."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

BEFORE, AFTER = "before", "after"
TIMES_FASTER = "times_faster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The numbers that a figure may be."""

    equals: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.equals, self.at_most, self.at_least) if value is not None]
        if len(given) != 1 or not all(_is_number(value) for value in given):
            raise TypeError(
                "a bound is one number, 0 or more: write 3 for exactly 3, or at_least(3), or at_most(3), "
                f"not {self.equals if self.equals is not None else given!r}"
            )

    @classmethod
    def of(cls, value: "float | Bound | None") -> "Bound | None":
        """Return a bound for what a pair's author wrote: a plain number is exact."""
        return value if value is None or isinstance(value, Bound) else cls(equals=value)

    @classmethod
    def read(cls, values: Mapping[str, float | None]) -> Self:
        """Return the bound that `asdict` made a mapping of."""
        return cls(**values)

    def holds(self, value: float) -> bool:
        """Tell whether a figure is within the bound."""
        if self.equals is not None:
            return value == self.equals
        return value <= self.at_most if self.at_most is not None else value >= (self.at_least or 0)

    def __str__(self) -> str:
        name, value = next((name, value) for name, value in asdict(self).items() if value is not None)
        return f"{'exactly' if name == 'equals' else name.replace('_', ' ')} {value:g}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def at_least(number: float) -> Bound:
    """Return the bound of a figure that must not be smaller."""
    return Bound(at_least=number)


def at_most(number: float) -> Bound:
    """Return the bound of a figure that must not be larger."""
    return Bound(at_most=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFigures:
    """What was measured of one side: counts by name, and the seconds of each round."""

    counts: Mapping[str, float]
    seconds: tuple[float, ...]


def broken_bounds(
    bounds: Mapping[str, Bound], *, before: SideFigures | None, after: SideFigures | None
) -> Iterator[str]:
    """Say which bounds do not hold: "queries of after: 3, the pair declares exactly 1". A missing side keeps none."""
    sides = {BEFORE: before, AFTER: after}
    for name, bound in bounds.items():
        if name == TIMES_FASTER:
            told, value = "before/after, medians of seconds", _ratio(before, after)
        else:
            counter, _, side = name.rpartition("_")
            told, found = f"{counter} of {side}", sides[side]
            value = found.counts.get(counter) if found is not None else None
        if value is None:
            yield f"{told}: not measured, the pair declares {bound}"
        elif not bound.holds(value):
            yield f"{told}: {value:.4g}, the pair declares {bound}"


def _ratio(before: SideFigures | None, after: SideFigures | None) -> float | None:
    if before is None or after is None or not before.seconds or not after.seconds:
        return None
    return statistics.median(before.seconds) / statistics.median(after.seconds)
