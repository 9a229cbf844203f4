"""Records of the campaign: one line of JSON for each round, so that an interrupted campaign goes on."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One round of a fault: how often it was done, and what the service did meanwhile."""

    fault: str
    round: int
    times: int
    requests: int = 0
    acknowledged_writes: int = 0
    errors_500: int = 0
    answers_503: int = 0
    unanswered: int = 0
    lost: int = 0
    other_faults: list[str] = field(default_factory=list)
    live_s_max: float = 0.0
    live_unanswered: int = 0
    recovery_s_max: float | None = None

    @property
    def is_good(self) -> bool:
        """Whether the round kept every promise."""
        return not (self.errors_500 or self.lost or self.other_faults) and self.live_s_max <= LIVE_S


LIVE_S = 1.0
RECOVERY_S = 5.0


def read(path: Path) -> list[Outcome]:
    """Return the rounds that were recorded. A line that an interruption cut short is left out."""
    if not path.exists():
        return []
    outcomes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            outcomes.append(Outcome(**json.loads(line)))
        except (json.JSONDecodeError, TypeError):
            continue
    return outcomes


def append(path: Path, outcome: Outcome) -> None:
    """Add a round, on the disk before the next one begins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(outcome)) + "\n")


def times(outcomes: Iterable[Outcome], fault: str) -> int:
    """Return how often a fault was done so far."""
    return sum(outcome.times for outcome in outcomes if outcome.fault == fault)
