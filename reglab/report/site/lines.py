"""Lines of a quantity over past runs as small inline SVG, with the places where they changed."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from reglab.metrics import METRICS
from reglab.report.findings import formatted
from reglab.report.history.trends import Trend
from reglab.report.records import Number
from reglab.report.renderings.text import one_line
from reglab.report.renderings.text_tables import quantity_name

_WIDTH: Final = 640
_HEIGHT: Final = 80
_MARGIN: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLine:
    """One quantity: its name, its drawing, its last value, and a sentence on its last change.

    A change `is_accepted` where the run that made it passed: the ledger had it, or no rule forbids it.
    """

    name: str
    svg: str
    last: str
    change: str
    run: str
    is_worse: bool
    is_accepted: bool


def drawn(trend: Trend, *, passed: Container[str] = ()) -> DrawnLine:
    """Draw one trend; `passed` are the runs that passed."""
    unit = METRICS[trend.quantity.metric].unit
    change = trend.changes[-1] if trend.changes else None
    told = ""
    if change:
        levels = f"{formatted(change.level_before)} → {formatted(change.level_after)} {unit}"
        told = f"{levels} at {change.point.revision[:12]}"
    name = one_line(f"{quantity_name(trend.quantity)} · {trend.quantity.line}")
    return DrawnLine(
        name=name,
        svg=_svg([point.value for point in trend.points], _starts(trend), name=name),
        last=f"{formatted(trend.points[-1].value)} {unit}",
        change=told,
        run=change.point.run if change else "",
        is_worse=trend.is_worse,
        is_accepted=change is not None and change.point.run in passed,
    )


def _starts(trend: Trend) -> list[int]:
    runs = [point.run for point in trend.points]
    return [runs.index(change.point.run) for change in trend.changes]


def _svg(values: Sequence[Number], starts: Sequence[int], *, name: str) -> str:
    least, most = min(values), max(values)
    step = (_WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)

    def x(index: int) -> float:
        return round(_MARGIN + index * step, 1)

    def y(value: Number) -> float:
        share = (value - least) / (most - least) if most > least else 0.5
        return round(_HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN), 1)

    path = " ".join(f"{x(index)},{y(value)}" for index, value in enumerate(values))
    marks = "".join(f'<line class="step" x1="{x(at)}" x2="{x(at)}" y1="0" y2="{_HEIGHT}"/>' for at in starts)
    label = escape(f"{name}: {len(values)} runs, from {formatted(values[0])} to {formatted(values[-1])}")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{marks}'
        f'<polyline points="{path}"/></svg>'
    )
