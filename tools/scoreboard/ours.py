"""Our own column, from what `python -m tools.planted` saw, held against the cause that the catalogue asks for."""

from pathlib import Path
from typing import Final

from tools.planted.catalogue import NeutralChange, Regression, neutral_changes, regressions
from tools.planted.judgement import Judgement
from tools.planted.results import Results, tree_revision
from tools.planted.runner import Judged, Runner
from tools.scoreboard.changes import Change
from tools.scoreboard.peers import OURSELVES
from tools.scoreboard.places import OWN_RESULTS
from tools.scoreboard.results import Outcome, Reason, Result, append_result

VERSION: Final = "this revision"
# A peer that fails has caught a regression whatever it says. We hold ourselves to the cause: another one is a miss.
_OUTCOMES: Final[dict[Judgement, tuple[Outcome, Reason]]] = {
    Judgement.CAUGHT: ("failed", "own"),
    Judgement.PASSED: ("quiet", ""),
    Judgement.WRONG_CAUSE: ("quiet", ""),
    Judgement.MISSED: ("quiet", ""),
    Judgement.FALSE_ALARM: ("failed", "own"),
    Judgement.NOT_RUN: ("error", ""),
}
_SIGNAL_CHARACTERS: Final = 160


def import_own_results(path: Path, changes: tuple[Change, ...], *, own: Path = OWN_RESULTS) -> None:
    """Take over every result of the runner that holds for the tree as it is; what it has not run stays as it was."""
    revision = tree_revision()
    runner = Runner(results=Results(own), revision=revision)
    by_name = {change.name: change for change in changes}
    entries: list[Regression | NeutralChange] = [*regressions(), *neutral_changes()]
    for entry in entries:
        try:
            judged = runner.judge(entry)
        except LookupError:
            continue
        append_result(path, _result(judged, by_name[entry.name], revision=revision))


def _result(judged: Judged, change: Change, *, revision: str) -> Result:
    outcome, reason = _OUTCOMES[judged.judgement]
    sighting = judged.result.sighting
    signal = judged.complaint or (f"{sighting.rule} · {sighting.endpoint}" if outcome == "failed" else "")
    return Result(
        peer=OURSELVES,
        version=VERSION,
        setup_digest=revision[:16],
        change=change.name,
        kind=change.kind,
        change_digest=change.digest,
        outcome=outcome,
        reason=reason,
        signal=" ".join(signal.split())[:_SIGNAL_CHARACTERS],
        seconds=judged.result.seconds,
    )
