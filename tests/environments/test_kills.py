"""Kills of random processes: ten of the campaign's rounds, two a command."""

from itertools import cycle

import pytest

from tests.environments.kiosks import PROJECT
from tools.kills.projects import Projects
from tools.kills.rounds import COMMANDS, play, undisturbed

ROUNDS = 10


@pytest.mark.slow
@pytest.mark.once
def test_ten_kills_break_no_promise() -> None:
    """Neither a pass of a broken run nor an exit 1, no traceback, no process and no folder that stays."""
    names = list(COMMANDS)
    with Projects.made(PROJECT) as projects:
        wholes = {name: undisturbed(name, projects) for name in names}
        rounds = [
            play(name, projects, seed=number, whole=wholes[name])
            for number, name in zip(range(ROUNDS), cycle(names), strict=False)
        ]
    assert [each.sentence for each in rounds if each.broken] == []
    assert any(each.exit_code != 0 for each in rounds), "no kill met anything"
