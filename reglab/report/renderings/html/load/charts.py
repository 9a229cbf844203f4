"""Time lines of a load, grouped into panels of one unit: drawn as SVG, and as data for charts that zoom."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reglab.report.records import Series

# A panel's lines share an axis; the slowest answer of each second would flatten the percentiles.
_ALONE: Final = frozenset({"slowest"})
_GUIDES: Final = ("SLO of ", "target ")


def panels_of(series: Iterable[Series]) -> list[list[Series]]:
    """Return the time lines that belong together, those of the load itself first."""
    panels: dict[str, list[Series]] = {}
    for each in series:
        if each.x_unit == "s" and len(each.points) > 1:
            panels.setdefault(_panel_of(each), []).append(each)
    first = [name for name in ("ms", "a second") if name in panels]
    return [panels[name] for name in (*first, *(name for name in panels if name not in first))]


def is_guide(series: Series) -> bool:
    """Whether a line was not measured: a limit, or what was asked for."""
    return series.name.startswith(_GUIDES)


def chart_data(panels: Sequence[Sequence[Series]]) -> str:
    """Return panels as JSON: of each its title, its x values, and of each line its name, its values and its look."""
    return json.dumps([_chart(panel) for panel in panels], separators=(",", ":"))


def _panel_of(series: Series) -> str:
    if series.name in _ALONE:
        return series.name
    return "a second" if series.y_unit.endswith("/s") else series.y_unit


def _chart(panel: Sequence[Series]) -> dict[str, Any]:
    moments = sorted({x for each in panel for x, _ in each.points})
    lines = [
        {"name": each.name, "guide": is_guide(each), "values": [dict(each.points).get(moment) for moment in moments]}
        for each in panel
    ]
    return {"title": _title(panel), "x": moments, "lines": lines}


def _title(panel: Sequence[Series]) -> str:
    """Say what is drawn, and its unit: "p50, p95, p99 · ms"."""
    measured = [each.name for each in panel if not is_guide(each)]
    unit = "a second" if panel[0].y_unit.endswith("/s") else panel[0].y_unit
    return f"{', '.join(measured or [panel[0].name])} · {unit}"
