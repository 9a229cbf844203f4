"""The tables of the scoreboard as Markdown; they decide nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tools.scoreboard.changes import Change
from tools.scoreboard.results import Key, Result
from tools.scoreboard.scores import Score, categories_of

_CELLS: Final = {
    ("failed", "own"): "**yes**",
    ("failed", "test"): "status",
    ("quiet", ""): "no",
    ("error", ""): "error",
}
NOT_RUN: Final = "not run"


def short_table(scores: Sequence[Score]) -> str:
    """Return peer, version, caught, false alarms and seconds."""
    return markdown(
        ("tool", "version", "regressions caught", "false alarms", "seconds a change"),
        [(one.peer, one.version, str(one.caught), str(one.alarms), _seconds(one)) for one in scores],
    )


def category_table(scores: Sequence[Score], changes: Sequence[Change]) -> str:
    """Return what each peer caught, by category."""
    categories = categories_of(changes)
    rows = [(one.peer, *(str(one.by_category[category]) for category in categories)) for one in scores]
    return markdown(("tool", *categories), rows)


def matrix(kind: str, *, changes: Sequence[Change], columns: Mapping[str, str], results: Mapping[Key, Result]) -> str:
    """Return every change of a kind against every peer; `columns` gives each peer's short name."""
    rows = [
        (f"{change.category}: {change.name}", *(cell(results.get((peer, change.name))) for peer in columns))
        for change in changes
        if change.kind == kind
    ]
    return markdown(("change", *columns.values()), rows)


def cell(result: Result | None) -> str:
    """Return what one cell says; one that was not run says so."""
    return NOT_RUN if result is None else _CELLS[result.outcome, result.reason]


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a bar in a text does not end its cell."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines)


def _seconds(one: Score) -> str:
    return "–" if one.seconds_median is None else f"{one.seconds_median:.0f}"
