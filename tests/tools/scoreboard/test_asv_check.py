"""Meaning of asv's exit code and output."""

import sys
from pathlib import Path

import pytest

from tools.scoreboard.checks.asv import observation_of
from tools.scoreboard.checks.observation import Run, Situation
from tools.scoreboard.peers import read_peers

SLOWER = "| + | 3.1±0.1ms | 9.8±0.2ms | 3.16 | requests.Requests.time_request('summary') |"
RAISED = "    errors.StatusError: summary answered 500, expected 200\n    asv: benchmark failed (exit status 1)\n"


@pytest.mark.parametrize(
    ("code", "output", "seen"),
    [
        (0, "BENCHMARKS NOT SIGNIFICANTLY CHANGED.\n", ("quiet", "", "")),
        (1, f"{SLOWER}\nPERFORMANCE DECREASED.\n", ("failed", "own", "| + | 3.1±0.1ms")),
        (2, f"{RAISED}{SLOWER}\nPERFORMANCE DECREASED.\n", ("failed", "own", "| + | 3.1±0.1ms")),
        (2, f"{RAISED}| summary | 2.0±0.1ms |\n", ("failed", "test", "errors.StatusError: summary answered 500")),
        (1, "asv: error: no such commit\n", ("error", "", "asv: error: no such commit")),
    ],
)
def test_a_slower_benchmark_and_one_that_raises_are_caught(
    tmp_path: Path, code: int, output: str, seen: tuple[str, str, str]
) -> None:
    """Whatever makes asv fail over a change counts for it; what keeps it from running does not."""
    peer = next(peer for peer in read_peers() if peer.name == "asv")
    situation = Situation(peer=peer, python=Path(sys.executable), copy=tmp_path, database_url="", state=tmp_path)
    found = observation_of(Run(code=code, output=output, seconds=1.0), situation)
    assert (found.outcome, found.reason) == seen[:2]
    assert found.signal.startswith(seen[2])
