"""The README's short table, between its markers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.scoreboard.changes import Change
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.page import scores_of
from tools.scoreboard.peers import Peer
from tools.scoreboard.places import README
from tools.scoreboard.results import Key, Result
from tools.scoreboard.scores import current_results
from tools.scoreboard.tables import markdown

BEGINNING: Final = "<!-- scoreboard: written by `tox run -e scoreboard` -->"
END: Final = "<!-- end of scoreboard -->"


def readme_table(*, peers: Sequence[Peer], changes: Sequence[Change], results: Mapping[Key, Result]) -> str:
    """Return tool, regressions caught, false alarms, from the results that still hold."""
    holding = current_results(results, peers=peers, changes=changes)
    scores = scores_of(peers, changes=changes, results=holding)
    rows = [(one.peer, str(one.caught), str(one.alarms)) for one in scores]
    return markdown(("tool", "regressions caught", "false alarms"), rows)


def write_readme(
    *, peers: Sequence[Peer], changes: Sequence[Change], results: Mapping[Key, Result], path: Path = README
) -> None:
    """Put the table between the markers. Raises ScoreboardError where they are not there."""
    text = path.read_text(encoding="utf-8")
    before, after = parts_around(text, path=path)
    table = readme_table(peers=peers, changes=changes, results=results)
    path.write_text(f"{before}{BEGINNING}\n{table}\n{END}{after}", encoding="utf-8")


def parts_around(text: str, *, path: Path = README) -> tuple[str, str]:
    """Return what stands before the first marker and after the second. Raises ScoreboardError."""
    before, first, rest = text.partition(BEGINNING)
    _, second, after = rest.partition(END)
    if not first or not second:
        raise ScoreboardError(f"{path}: the lines {BEGINNING!r} and {END!r} are missing; put the table's place back")
    return before, after
