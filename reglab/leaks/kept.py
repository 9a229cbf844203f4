"""Things that stay after a scenario's rounds, and which containers grow with each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from reglab.config.suite import Scenario
from reglab.leaks.held_memory import Sizes, line_of
from reglab.project.audit_ground import AuditGround


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that stays: how many a round, in words, and the project's lines; `kind` where each has its own."""

    count: int
    told: str
    places: tuple[str, ...] = ()
    kind: str = ""


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """What the rounds of one scenario left."""

    scenario: Scenario
    endpoint: str
    rounds: int = 0
    rounds_failed: int = 0
    failed: list[Kept] = field(default_factory=list)
    entries: list[Kept] = field(default_factory=list)
    threads: list[Kept] = field(default_factory=list)
    sessions: list[Kept] = field(default_factory=list)
    files: list[Kept] = field(default_factory=list)
    stale: list[Kept] = field(default_factory=list)
    unordered: list[Kept] = field(default_factory=list)


def entries_kept(
    sizes: Sequence[Sizes], ground: AuditGround, *, of: str = "requests on different rows", known: int = 0
) -> Iterator[Kept]:
    """Yield the containers that grow at each round after the first, but for so many that may be `known` before."""
    for (place, name), least in grown(sizes, known=known):
        more = sizes[-1][place, name] - sizes[0].get((place, name), 0)
        yield Kept(
            count=least,
            told=f"{name} holds {more} more after {len(sizes) - 1} {of}",
            places=(line_of(place, name, ground.frames),),
        )


def grown(sizes: Sequence[Sizes], *, known: int = 0) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the containers that grow at each round after the first, and by how many each time at least."""
    for container in sizes[-1]:
        levels = [size.get(container, 0) for size in sizes]
        steps = [after - before for before, after in pairwise(levels)]
        if (least := min(sorted(steps[1:])[known:], default=0)) > 0:
            yield container, least
