"""Lists, differences and trends as plain text tables for a terminal or a log."""

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reglab.report.findings import formatted
from reglab.report.history.run_differences import Difference, Move, Turn
from reglab.report.history.store import PastRun
from reglab.report.history.time_series import Quantity
from reglab.report.history.trends import Trend
from reglab.report.records import Number
from reglab.report.renderings.text import one_line
from reglab.report.runs import Concluded

_MOVES_MAX: Final = 40
_SPARKS: Final = "▁▂▃▄▅▆▇█"
_SPARK_RUNS: Final = 30


def runs(past: Sequence[PastRun], alone: Mapping[str, Concluded | None], *, gone: Container[str] = ()) -> str:
    """List the runs of the history, then the folders of the others with what their command concluded, if it did.

    Of a run that is `gone` only the history is left: no other command finds its folder.
    """
    rows = [
        (
            each.name + (" (folder gone)" if each.name in gone else ""),
            each.outcome,
            each.revision[:12],
            each.machine,
            each.summary,
            " ".join(each.pins),
        )
        for each in past
    ]
    rows += [
        (name, found.outcome, "", "", found.summary, "") if found else (name, "not judged", "", "", "", "")
        for name, found in alone.items()
    ]
    return _table(("run", "outcome", "revision", "machine", "summary", "pinned as"), rows) if rows else "no runs yet\n"


def difference(found: Difference) -> str:
    """Show two runs side by side: findings that turned first, then what moved."""
    parts = [f"baseline {found.baseline} · candidate {found.candidate}\n"]
    if not found.comparable:
        parts.append("measured on different machines, interpreters or databases: only counts of work compare\n")
    if not found.turns and not found.moves:
        parts.append("no finding turned and nothing moved\n")
    if found.turns:
        parts.append(_table(("finding", "baseline", "candidate"), [_turn(each) for each in found.turns]))
    if found.moves:
        headings = ("quantity", "unit", "baseline", "candidate", "change")
        parts.append(_table(headings, [_move(each) for each in found.moves[:_MOVES_MAX]]))
    if len(found.moves) > _MOVES_MAX:
        parts.append(f"{len(found.moves) - _MOVES_MAX} more quantities moved, each less\n")
    return "\n".join(parts)


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


def _turn(turn: Turn) -> tuple[str, ...]:
    return (turn.title, *("not there" if each is None else each.value for each in (turn.baseline, turn.candidate)))


def _move(move: Move) -> tuple[str, ...]:
    values = tuple("not measured" if each is None else formatted(each) for each in (move.baseline, move.candidate))
    return (" / ".join(filter(None, move.identity)), move.metric.unit, *values, _percent(move.effect))


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
