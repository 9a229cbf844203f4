"""Growth of counters as an SVG, written directly: a page has a plot an endpoint (decision 0060)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

from reglab.report.findings import formatted
from reglab.report.records import Series
from reglab.report.renderings.text import one_line

_LINES_MAX: Final = 5
_WIDTH, _LEFT, _RIGHT = 390.0, 58.0, 12.0
_PLOT: Final = 150.0  # the height of the plot alone
_BELOW: Final = 38.0  # ticks, and the name of the axis
_LEGEND: Final = 15.0  # a line of it
_MARGIN: Final = 0.05  # of an axis, on both of its ends
_TICKS_MAX: Final = 5
_AS_FAST: Final = "as fast as the data"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """A logarithmic axis: from the least to the most of its values, over so many dots from its beginning."""

    least: float
    most: float
    begin: float
    dots: float

    def place(self, value: float) -> float:
        """Return how many dots from the picture's edge a value lies."""
        lower, upper = log10(self.least), log10(self.most)
        span = (upper - lower) or 1.0
        share = (log10(value) - lower + _MARGIN * span) / (span * (1 + 2 * _MARGIN))
        return round(self.begin + share * self.dots, 1)

    def ticks(self) -> list[float]:
        """Return the values to name: 1, 2 and 5 of each power of ten, or whole powers where these are too many."""
        powers = range(floor(log10(self.least)), ceil(log10(self.most)) + 1)
        fine = self._within(step * 10.0**power for power in powers for step in (1, 2, 5))
        stride = -(-len(powers) // _TICKS_MAX)
        return fine if len(fine) <= _TICKS_MAX else self._within(10.0**power for power in powers[::stride])

    def _within(self, values: Iterator[float]) -> list[float]:
        return [value for value in values if self.least * 0.999 <= value <= self.most * 1.001]


def growth(series: Sequence[Series], *, title: str) -> str:
    """Draw counters against the size of their data, both as multiples of the smallest; a straight line is a power law.

    Returns nothing where no counter can be drawn so: a size or a counter that begins at 0 has no multiple.
    """
    drawable = [each for each in series if _has_multiples(each)][:_LINES_MAX]
    if not drawable:
        return ""
    lines = [_multiples(each) for each in drawable]
    most = max(x for line in lines for x, _ in line)
    values = [y for line in lines for _, y in line]
    top = 6 + _LEGEND * (len(lines) + 1)
    across = _Axis(least=1.0, most=most, begin=_LEFT, dots=_WIDTH - _LEFT - _RIGHT)
    up = _Axis(least=min(1.0, *values), most=max(most, *values), begin=top + _PLOT, dots=-_PLOT)
    drawn = [*_grid(across, up, top=top), *_guide(across, up, most)]
    for number, (each, line) in enumerate(zip(drawable, lines, strict=True), start=1):
        drawn += _curve([(across.place(x), up.place(y)) for x, y in line], colour=f"var(--series-{number})")
        drawn += _named(number - 1, _label(each), colour=f"var(--series-{number})")
    drawn += _named(len(lines), _AS_FAST, colour="var(--ink)", dashes="1 2")
    name, height = escape(one_line(title)), top + _PLOT + _BELOW
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {height:g}" role="img" aria-label="{name}" '
        'style="fill:var(--ink);font-size:10px">'
        f"<title>{name}</title>{''.join(drawn)}</svg>"
    )


def _has_multiples(series: Series) -> bool:
    return len(series.points) > 1 and all(x > 0 and y > 0 for x, y in series.points)


def _multiples(series: Series) -> list[Point]:
    x_first, y_first = series.points[0]
    return [(x / x_first, y / y_first) for x, y in series.points]


def _label(series: Series) -> str:
    first, last = formatted(series.points[0][1]), formatted(series.points[-1][1])
    return one_line(f"{series.name} by {series.x_unit}: {first} to {last}")


def _grid(across: _Axis, up: _Axis, *, top: float) -> Iterator[str]:
    """Yield both axes with their ticks, and their names."""
    right, bottom = _WIDTH - _RIGHT, top + _PLOT
    for value in across.ticks():
        x = across.place(value)
        yield _line(x, top, x, bottom)
        yield _text(x, bottom + 14, _number(value), anchor="middle")
    for value in up.ticks():
        y = up.place(value)
        yield _line(_LEFT, y, right, y)
        yield _text(_LEFT - 6, y + 3.5, _number(value), anchor="end")
    yield _line(_LEFT, bottom, right, bottom)
    yield _line(_LEFT, top, _LEFT, bottom)
    yield _text((_LEFT + right) / 2, bottom + 31, "times the smallest size", anchor="middle")
    middle = top + _PLOT / 2
    yield (
        f'<text x="12" y="{middle:g}" text-anchor="middle" transform="rotate(-90 12 {middle:g})">'
        "times the counter</text>"
    )


def _guide(across: _Axis, up: _Axis, most: float) -> Iterator[str]:
    ends = (across.place(1), up.place(1), across.place(most), up.place(most))
    yield _line(*ends, colour="var(--ink)", dashes="1 2")


def _curve(points: Sequence[Point], *, colour: str) -> Iterator[str]:
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    yield f'<polyline points="{path}" style="fill:none;stroke:{colour};stroke-width:1.5"/>'
    for x, y in points:
        yield f'<circle cx="{x:g}" cy="{y:g}" r="2.2" style="fill:{colour}"/>'


def _named(row: int, text: str, *, colour: str, dashes: str = "") -> Iterator[str]:
    """Yield a line of the legend, which stands over the plot, so that no curve runs through it."""
    y = 10 + _LEGEND * row
    yield _line(4, y - 3, 20, y - 3, colour=colour, dashes=dashes, width=1.5)
    yield _text(26, y, text)


def _line(
    x1: float, y1: float, x2: float, y2: float, *, colour: str = "var(--rule)", dashes: str = "", width: float = 0.8
) -> str:
    dashed = f";stroke-dasharray:{dashes}" if dashes else ""
    look = f"stroke:{colour};stroke-width:{width:g}{dashed}"
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" style="{look}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float) -> str:
    return formatted(float(f"{value:.6g}"))
