"""Kills of random processes: ten rounds of the campaign, every command among them."""

import pytest

from tests.environments.kiosks import PROJECT
from tools.kills.projects import Projects
from tools.kills.rounds import COMMANDS, Undisturbed, play, undisturbed

ROUNDS = ("audit", "race", "compare", "audit", "load", "race", "audit", "gate", "race", "audit")
# Of these the whole run is measured first, so that a pass with fewer checks is seen; the longer ones are killed
# within their first seconds, and `python -m tools.kills` measures them, too.
MEASURED = ("audit", "race")
SECONDS = 12.0


@pytest.mark.once
def test_ten_kills_break_no_promise() -> None:
    """Neither a pass of a broken run nor an exit 1, no traceback, no process and no folder that stays."""
    assert set(ROUNDS) == set(COMMANDS)
    with Projects.made(PROJECT) as projects:
        wholes = {name: Undisturbed(seconds=SECONDS, passed=1) for name in COMMANDS}
        wholes |= {name: undisturbed(name, projects) for name in MEASURED}
        rounds = [play(name, projects, seed=number, whole=wholes[name]) for number, name in enumerate(ROUNDS)]
    assert [each.sentence for each in rounds if each.broken] == []
    assert any(each.exit_code != 0 for each in rounds), "no kill met anything"
