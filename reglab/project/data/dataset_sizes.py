"""The sizes that a suite measures at: a base, and one step away from it along each axis."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reglab.config.suite import Axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One size of everything. `variant` is the name that measurements carry: the axis that differs from the base."""

    variant: str
    axis: str
    sizes: Mapping[str, int]
    dataset_sizes: Mapping[str, int]

    @property
    def size(self) -> int:
        """The size along the point's own axis."""
        return self.sizes.get(self.axis, 1)


def points_of(axes: Mapping[str, Axis]) -> tuple[Point, ...]:
    """Return the base first, then each further size of each axis with all other axes at their base.

    The base is named after the first axis ("orders=5"). A suite without axes has one point, named "".
    """
    if not axes:
        return (Point(variant="", axis="", sizes={}, dataset_sizes={}),)
    base = {name: axis.sizes[0] for name, axis in axes.items()}
    first = next(iter(axes))
    return (_point(axes, first, base), *_steps(axes, base))


def _steps(axes: Mapping[str, Axis], base: Mapping[str, int]) -> Iterator[Point]:
    for name, axis in axes.items():
        for size in axis.sizes[1:]:
            yield _point(axes, name, {**base, **axis.at, name: size})


def _point(axes: Mapping[str, Axis], axis: str, sizes: Mapping[str, int]) -> Point:
    return Point(
        variant=f"{axis}={sizes[axis]}",
        axis=axis,
        sizes=sizes,
        dataset_sizes={name: size for name, size in sizes.items() if not axes[name].in_request},
    )
