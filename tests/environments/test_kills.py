"""Kills of random processes: ten of the campaign's rounds, two a command."""

import pytest

from tests.environments.kiosks import PROJECT
from tools.kills.projects import Projects
from tools.kills.rounds import COMMANDS, play

ROUNDS = 10


@pytest.mark.slow
@pytest.mark.once
def test_ten_kills_break_no_promise() -> None:
    """Neither a pass of a broken run nor an exit 1, no traceback, no process and no folder that stays."""
    names = list(COMMANDS)
    with Projects.made(PROJECT) as projects:
        rounds = [play(names[number % len(names)], projects, seed=number) for number in range(ROUNDS)]
    assert [each.sentence for each in rounds if each.broken] == []
    assert any(each.exit_code != 0 for each in rounds), "no kill met anything"
