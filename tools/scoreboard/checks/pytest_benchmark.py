"""pytest-benchmark against a stored run of the unchanged service."""

import re
import shutil
from typing import Final

from tools.scoreboard.checks import pytest
from tools.scoreboard.checks.observation import Observation, Situation, last_line, run, told
from tools.scoreboard.errors import ScoreboardError

_THRESHOLD: Final = "mean:10%"
_REGRESSED: Final = re.compile(r"Performance has regressed:\s*\n\s*(.+)")


def prepare(situation: Situation) -> None:
    """Store a run of the unchanged service, in place of any earlier one. Raises ScoreboardError."""
    shutil.rmtree(situation.state, ignore_errors=True)
    situation.state.mkdir(parents=True)
    done = run(situation, [*pytest.pytest_command(situation), *_storage(situation), "--benchmark-save=unchanged"])
    if done.code != 0:
        raise ScoreboardError(f"{situation.peer.name}: no baseline: {last_line(situation, done.output)}")


def observe(situation: Situation) -> Observation:
    """Compare a run with the stored one."""
    compared = ["--benchmark-compare=0001", f"--benchmark-compare-fail={_THRESHOLD}"]
    done = run(situation, [*pytest.pytest_command(situation), *_storage(situation), *compared])
    regressed = _REGRESSED.search(done.output)
    if done.code == 0:
        return Observation(outcome="quiet", seconds=done.seconds)
    if regressed:
        signal = told(situation, regressed[1])
        return Observation(outcome="failed", reason="own", signal=signal, seconds=done.seconds)
    failed = re.search(r"^E\s+(.+)$", done.output, re.MULTILINE)
    if done.code == 1 and failed and "error" not in done.output.splitlines()[-1]:
        return Observation(outcome="failed", reason="test", signal=told(situation, failed[1]), seconds=done.seconds)
    return Observation(outcome="error", signal=last_line(situation, done.output), seconds=done.seconds)


def _storage(situation: Situation) -> list[str]:
    return [f"--benchmark-storage=file://{situation.state}"]
