"""Behind a front that turns hostile, at any moment and in any way, a load test does no harm."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.conftest import PATIENCE_S, ROOT

pytestmark = pytest.mark.slow
# Without its guard, the engine would write to whoever answers; the simulation has to see that.
UNGUARDED = """
import tools.hostile_front.simulation as simulation
import reglab.load.generator.sender as sender
sender.guarded_path = lambda method, path: path
worlds = simulation.Worlds()
plan = {"key": simulation.KEY, "mode": "silence", "after": 60, "same_software": False, "path": "/api/items/"}
simulation.MIX = {"create-customer": 1.0}
try:
    print(len(simulation.simulated(0, worlds, plan=plan).touched), simulation.simulated(0, worlds, plan=plan).created)
finally:
    worlds.close()
"""


def test_a_handful_of_hostile_fronts_does_no_harm(tmp_path: Path) -> None:
    """Six of the thousand runs that `python -m tools.hostile_front` makes: no foreign row, no request afterwards."""
    command = [sys.executable, "-m", "tools.hostile_front", "--runs", "6", "--results", str(tmp_path / "results.jsonl")]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.startswith("6 runs; ")


def test_the_simulation_sees_harm_where_the_guard_is_taken_away() -> None:
    """The same world against an engine that writes to plain paths: rows come to be in the foreign service."""
    finished = subprocess.run(
        [sys.executable, "-c", UNGUARDED], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout.split()[1]) > 0
