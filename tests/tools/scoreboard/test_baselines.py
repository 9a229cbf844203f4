"""Number of baselines that a peer may record."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tools.scoreboard.checks.observation import Observation
from tools.scoreboard.results import Outcome
from tools.scoreboard.session import BASELINES_MAX, Session


@dataclass(slots=True)
class FakeBench:
    """A peer that says what it is told to of the unchanged service, one answer a baseline."""

    timing: str
    answers: list[Outcome]
    baselines: int = 0
    peer: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.peer = SimpleNamespace(timing=self.timing)

    def prepare(self, _: object) -> None:
        self.baselines += 1

    def observe(self, _: object) -> Observation:
        return Observation(outcome=self.answers[self.baselines - 1])


@pytest.mark.parametrize(
    ("timing", "answers", "baselines"),
    [
        ("timed", ["quiet"], 1),
        ("timed", ["failed", "quiet"], 2),
        ("timed", ["failed"] * BASELINES_MAX, BASELINES_MAX),
        ("timed", ["error"], 1),
        ("exact", ["failed"], 1),
    ],
)
def test_only_a_timed_peer_that_alarms_records_another_baseline(
    timing: str, answers: list[Outcome], baselines: int
) -> None:
    """It may do so until it is quiet, and not for ever; its last answer counts."""
    bench = FakeBench(timing, answers)
    session = Session(changes=(), kept=(), server=None, is_again=False, say=str)  # type: ignore[arg-type]
    assert session._with_baseline(bench).outcome == answers[-1]  # type: ignore[arg-type]
    assert bench.baselines == baselines
