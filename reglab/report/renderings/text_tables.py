"""Trends as a plain text table for a terminal or a log."""

import math
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reglab.report.findings import formatted
from reglab.report.history.time_series import Quantity
from reglab.report.history.trends import Trend
from reglab.report.records import Number
from reglab.report.renderings.text import one_line

_SPARKS: Final = "▁▂▃▄▅▆▇█"
_SPARK_RUNS: Final = 30


def trends(found: Sequence[Trend]) -> str:
    """Show each trend in a row: the last value, the last change, the drift from the pinned baseline."""
    if not found:
        return "no line of the history is selected; `--metric` and `--scenario` take globs\n"
    rows = [
        (
            quantity_name(each.quantity),
            each.quantity.line,
            sparkline([point.value for point in each.points[-_SPARK_RUNS:]]),
            str(len(each.points)),
            formatted(each.points[-1].value),
            _last_change(each),
            "" if each.drift is None else _percent(each.drift),
        )
        for each in found
    ]
    headings = ("quantity", "where", "last runs", "runs", "last", "last change", "from pin")
    return f"{_table(headings, rows)}\nAdvice only: no trend decides a verdict.\n"


def quantity_name(quantity: Quantity) -> str:
    """Name a quantity in one line."""
    words = (quantity.instrument, quantity.scenario, quantity.metric, quantity.part, quantity.variant)
    return " / ".join(filter(None, words))


def sparkline(values: Sequence[Number]) -> str:
    """Draw values as blocks between their least and their greatest."""
    least, most = min(values), max(values)
    if least == most:
        return _SPARKS[0] * len(values)
    return "".join(_SPARKS[int((value - least) / (most - least) * (len(_SPARKS) - 1))] for value in values)


def _last_change(trend: Trend) -> str:
    if not trend.changes:
        return ""
    change = trend.changes[-1]
    levels = f"{formatted(change.level_before)} → {formatted(change.level_after)}"
    return f"{levels} ({_percent(change.effect)}) at {change.point.revision[:12]}, {change.point.run}"


def _percent(fraction: float) -> str:
    return "" if math.isinf(fraction) else f"{100 * fraction:+.1f} %"


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    console = Console(file=StringIO(), width=180, color_system=None, highlight=False, emoji=False, markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(text)) for text in row))
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))
