"""Plots as inline SVG: no script, no network, legible in the dark and on paper, each with a title to be read out."""

import hashlib
import re
from collections.abc import Sequence
from html import escape
from io import StringIO
from typing import Any, Final, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from reglab.report.findings import formatted
from reglab.report.history.trends import Trend
from reglab.report.records import Number, Series
from reglab.report.renderings.html.load.charts import is_guide
from reglab.report.renderings.scaled import scale_of
from reglab.report.renderings.text import one_line

# Matplotlib writes colours as literals; these stand for CSS variables, so that a style sheet decides.
_INK, _RULE = "#010203", "#040506"
_SERIES: Final = ("#0a0b01", "#0a0b02", "#0a0b03", "#0a0b04", "#0a0b05")
_VARIABLES: Final = {
    _INK: "var(--ink)",
    _RULE: "var(--rule)",
    **{colour: f"var(--series-{index})" for index, colour in enumerate(_SERIES, start=1)},
}
_SETTINGS: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "regression-lab",
    "font.size": 10,
    "path.simplify": True,
    "text.color": _INK,
    "axes.edgecolor": _RULE,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.grid": True,
    "grid.color": _RULE,
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_LOGARITHMIC_FROM: Final = 5.0  # times the least value; below, a linear axis has more ticks to read
_STYLED: Final = mpl.rc_context(cast("Any", _SETTINGS))
_WIDTH_INCHES: Final = 5.4
_TICKS_MAX: Final = 4
_NUMBERS: Final = mpl.ticker.FuncFormatter(lambda value, _: formatted(float(f"{value:.6g}")))


@_STYLED
def percentiles(stages: Sequence[Series], *, title: str) -> str:
    """Draw the percentiles of each stage of a load: from the middle to the slowest, in one unit."""
    stages = stages[: len(_SERIES)]
    size, unit = scale_of([y for each in stages for _, y in each.points], stages[0].y_unit)
    figure = _figure(height=2.2, above=0.2 * len(stages))
    axes = figure.subplots()
    names = sorted({x for each in stages for x, _ in each.points})
    for colour, each in zip(_SERIES, stages, strict=False):
        places, values = zip(*((names.index(x), y / size) for x, y in each.points), strict=True)
        axes.plot(places, values, marker="o", markersize=4, color=colour, label=one_line(each.name))
    axes.set_xticks(range(len(names)), [f"p{name:g}" for name in names])
    axes.set_ylim(bottom=0)
    _few_ticks(axes.yaxis)
    axes.set_ylabel(unit)
    _legend_above(axes, columns=1)
    return _svg(figure, title)


@_STYLED
def rounds(samples: Sequence[tuple[str, Sequence[Number]]], *, unit: str, title: str) -> str:
    """Draw every round of each variant as a point, and the variant's median as a bar."""
    size, unit = scale_of([value for _, values in samples for value in values], unit)
    samples = [(name, [value / size for value in values]) for name, values in samples]
    figure = _figure(height=0.7 + 0.45 * len(samples))
    axes = figure.subplots()
    for row, (colour, (_, values)) in enumerate(zip(_SERIES, samples, strict=False)):
        offsets = [row + 0.25 * ((index * 7) % 11 / 11 - 0.5) for index in range(len(values))]
        axes.plot(values, offsets, linestyle="none", marker="o", markersize=3, alpha=0.6, color=colour)
        middle = sorted(values)[len(values) // 2]
        axes.plot([middle, middle], [row - 0.32, row + 0.32], color=_INK, linewidth=2)
    axes.set_yticks(range(len(samples)), [one_line(name) for name, _ in samples])
    axes.set_ylim(-0.6, len(samples) - 0.4)
    axes.invert_yaxis()
    everything = [value for _, values in samples for value in values]
    if min(everything) > 0 and max(everything) / min(everything) > _LOGARITHMIC_FROM:
        axes.set_xscale("log")
        _plain_ticks(axes)
    else:
        _few_ticks(axes.xaxis)
    axes.set_xlabel(unit)
    return _svg(figure, title)


@_STYLED
def pairs(effects: Sequence[float], *, effect: tuple[float, float, float], margins: Sequence[float], title: str) -> str:
    """Draw each pair's change in order, the estimate with its interval as a band, and the margins as dashed lines.

    All are fractions of the baseline; they are drawn in per cent.
    """
    figure = _figure(height=2.4)
    axes = figure.subplots()
    estimate, lower, upper = (100 * each for each in effect)
    axes.axhspan(lower, upper, color=_SERIES[0], alpha=0.25, linewidth=0, label="95 % interval")
    axes.axhline(estimate, color=_SERIES[0], linewidth=1.5, label="estimate")
    for index, margin in enumerate(margins):
        label = None if index else f"margins {' and '.join(f'{100 * each:g} %' for each in margins)}"
        axes.axhline(100 * margin, color=_SERIES[1], linestyle="--", linewidth=1, label=label)
    axes.axhline(0, color=_INK, linewidth=0.8)
    numbers = range(1, len(effects) + 1)
    axes.plot(numbers, [100 * each for each in effects], linestyle="none", marker="o", markersize=4, color=_INK)
    axes.set_xlabel("pair")
    _few_ticks(axes.yaxis)
    axes.set_ylabel("slower by, %")
    _legend_above(axes, columns=3)
    return _svg(figure, title)


@_STYLED
def time_line(panels: Sequence[Sequence[Series]], *, title: str) -> str:
    """Draw panels one above the other on one time axis; a line that was not measured is dashed."""
    figure = _figure(height=0.5 + 1.3 * len(panels))
    drawn = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(drawn, panels, strict=True):
        size, unit = scale_of([y for each in panel for _, y in each.points], panel[0].y_unit)
        colours = iter(_SERIES * (len(panel) // len(_SERIES) + 1))
        for each in panel:
            is_measured = not is_guide(each)
            look = {"color": next(colours)} if is_measured else {"color": _INK, "linestyle": "--"}
            moments, values = zip(*((x, y / size) for x, y in each.points), strict=True)
            axes.plot(moments, values, linewidth=1.3, label=one_line(each.name), **look)
        axes.set_ylim(bottom=min(0, *(y / size for each in panel for _, y in each.points)))
        axes.set_title(one_line(unit), loc="left", fontsize=9.5)
        if len(panel) > 1:
            axes.legend(fontsize=8, ncols=4, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
        else:
            axes.set_title(one_line(f"{panel[0].name}, {unit}"), loc="left", fontsize=9.5)
        _few_ticks(axes.yaxis)
    drawn[-1].set_xlabel(panels[0][0].x_unit)
    figure.subplots_adjust(hspace=0.75)
    return _svg(figure, title)


@_STYLED
def trend(found: Trend, *, unit: str, title: str) -> str:
    """Draw a quantity over past runs, its change points as vertical lines and the pinned baseline as a dashed one."""
    figure = _figure(height=1.9)
    axes = figure.subplots()
    values = [point.value for point in found.points]
    size, unit = scale_of([*values, found.pinned or 0], unit)
    values = [value / size for value in values]
    axes.plot(range(1, len(values) + 1), values, marker="o", markersize=3, color=_SERIES[0], linewidth=1.2)
    for change in found.changes:
        axes.axvline(found.points.index(change.point) + 0.5, color=_SERIES[1], linewidth=1.2)
    if found.pinned is not None:
        axes.axhline(found.pinned / size, color=_INK, linestyle="--", linewidth=1, label="pinned baseline")
        axes.legend(fontsize=9)
    # To lay out a tick is most of a plot's cost, and a page has many of these.
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
    _few_ticks(axes.yaxis)
    axes.set_xlabel("past runs, the latest last")
    axes.set_ylabel(unit)
    return _svg(figure, title)


def _figure(*, height: float, above: float = 0.2) -> Figure:
    """Return a figure with room for ticks and labels, and for a legend of `above` inches over its `height`.

    To let the library find the room would draw everything twice.
    """
    whole = height + above
    figure = Figure(figsize=(_WIDTH_INCHES, whole))
    FigureCanvasSVG(figure)
    figure.subplots_adjust(left=0.17, right=0.97, top=1 - (above + 0.1) / whole, bottom=0.5 / whole)
    return figure


def _legend_above(axes: Axes, *, columns: int) -> None:
    """Put the legend over the plot, from the figure's left edge, where no line can run through it."""
    axes.legend(
        fontsize=9,
        ncols=columns,
        loc="lower left",
        bbox_to_anchor=(-0.2, 1),
        borderaxespad=0.2,
        columnspacing=1.2,
        handlelength=1.5,
    )


def _svg(figure: Figure, title: str) -> str:
    stream = StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return _embedded(stream.getvalue(), one_line(title))


def _embedded(svg: str, title: str) -> str:
    """Make a whole SVG file into part of a page: scaled to it, coloured by it, read out by its title."""
    body = svg[svg.index("<svg") :]
    view = re.search(r'viewBox="([^"]+)"', body)
    inner = body[body.index(">") + 1 : body.rindex("</svg>")]
    inner = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", inner, flags=re.DOTALL)
    for literal, variable in _VARIABLES.items():
        inner = inner.replace(literal, variable)
    inner = re.sub(r"font-family: [^;\"]+;? ?", "", inner)  # the page's own; the library's list is on every word
    inner = re.sub(r"\s*\n\s*", "\n", _with_own_ids(inner, title))
    heading = f"<title>{escape(title)}</title>"
    return (
        f'<svg viewBox="{view.group(1) if view else ""}" role="img" aria-label="{escape(title)}">{heading}{inner}</svg>'
    )


def _with_own_ids(inner: str, title: str) -> str:
    """Keep the ids that something refers to, unique in the page, and drop the others."""
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', inner))
    own = hashlib.blake2b(title.encode(), digest_size=4).hexdigest()
    inner = re.sub(r' id="([^"]+)"', lambda found: found.group(0) if found.group(1) in used else "", inner)
    for name in used:
        inner = re.sub(rf'((?:url\(#|href="#| id="){re.escape(name)})(?=[")])', rf"\1-{own}", inner)
    return inner


def _plain_ticks(axes: Axes) -> None:
    """Label a logarithmic axis with numbers: 1, 2, 5, 10."""
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_locator(mpl.ticker.LogLocator(subs=(1.0, 2.0, 5.0), numticks=_TICKS_MAX))
            axis.set_major_formatter(_NUMBERS)
            axis.set_minor_locator(mpl.ticker.NullLocator())


def _few_ticks(axis: Axis) -> None:
    """Put so few ticks on an axis that no two labels meet, and never a power of ten beside it."""
    axis.set_major_locator(mpl.ticker.MaxNLocator(_TICKS_MAX))
    axis.set_major_formatter(_NUMBERS)
