"""Units that people read: milliseconds rather than 0.0015 seconds, megabytes rather than 1e8 bytes."""

from collections.abc import Sequence
from typing import Final

from reglab.report.records import Number

# Of each unit the larger and smaller ones, the largest first, each with what one of it is.
_TIMES: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_SIZES: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "bytes"))
_LADDERS: Final = {"s": _TIMES, "bytes": _SIZES, "bytes/s": tuple((size, f"{name}/s") for size, name in _SIZES)}


def scale_of(values: Sequence[Number], unit: str) -> tuple[float, str]:
    """Return what values of a unit are divided by, and the unit that they then have: the largest is 1 to 1,000."""
    ladder = _LADDERS.get(unit)
    most = max((abs(value) for value in values), default=0)
    if ladder is None or not most:
        return 1.0, unit
    return next((step for step in ladder if most >= step[0]), ladder[-1])


def scaled(values: Sequence[Number], unit: str) -> tuple[list[float], str]:
    """Return values in the unit that suits the largest, and that unit."""
    size, name = scale_of(values, unit)
    return [value / size for value in values], name


def scaled_times(seconds: Sequence[Number]) -> tuple[list[float], str]:
    """Return times, given in seconds, in the unit that suits the largest."""
    return scaled(seconds, "s")
