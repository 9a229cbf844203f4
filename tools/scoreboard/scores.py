"""Sums of the results, a row a peer: nothing is counted that was not run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tools.scoreboard.changes import UNCHANGED, Change
from tools.scoreboard.environments import locked_version
from tools.scoreboard.peers import OURSELVES, Peer
from tools.scoreboard.results import Key, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of the cells that were run failed, and how many cells there are."""

    failed: int
    run: int
    all: int

    def __str__(self) -> str:
        """Say `3 of 5`; where cells were not run, `3 of 5 run (9 planted)`; where none was, `not run`."""
        if self.run == 0:
            return "not run" if self.all else "–"
        return f"{self.failed} of {self.run}" + ("" if self.run == self.all else f" run ({self.all} in all)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One peer's row. `caught_by_test` of the caught ones failed by the plain assertion of the status alone."""

    peer: str
    version: str
    caught: Count
    by_category: Mapping[str, Count]
    alarms: Count
    caught_by_test: int
    errors: int
    seconds_median: float | None
    baseline: Result | None


def current_results(
    results: Mapping[Key, Result], *, peers: Sequence[Peer], changes: Sequence[Change]
) -> dict[Key, Result]:
    """Return the results that hold for the peers, their set-ups and the patches as they are now.

    Our own hold for the patch: each commit of this project would undo them otherwise.
    """
    digests = {change.name: change.digest for change in changes}
    setups = {peer.name: (peer.setup_digest, locked_version(peer.name, peer.name)) for peer in peers}
    return {
        key: result
        for key, result in results.items()
        if (result.change == UNCHANGED or digests.get(result.change) == result.change_digest)
        and (result.peer == OURSELVES or setups.get(result.peer) == (result.setup_digest, result.version))
    }


def categories_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the categories of the regressions, in the catalogue's order."""
    return tuple(dict.fromkeys(change.category for change in changes if change.kind == "regression"))


def score(peer: str, *, changes: Sequence[Change], results: Mapping[Key, Result]) -> Score:
    """Add up one peer's results."""
    own = [found for change in changes if (found := results.get((peer, change.name)))]
    planted = [change for change in changes if change.kind == "regression"]
    baseline = results.get((peer, UNCHANGED))
    timed = [result.seconds for result in own if result.outcome != "error"]
    return Score(
        peer=peer,
        version=(own[0].version if own else baseline.version if baseline else "–"),
        caught=_count(peer, planted, results),
        by_category={
            category: _count(peer, [change for change in planted if change.category == category], results)
            for category in categories_of(changes)
        },
        alarms=_count(peer, [change for change in changes if change.kind == "neutral"], results),
        caught_by_test=sum(result.reason == "test" and result.kind == "regression" for result in own),
        errors=sum(result.outcome == "error" for result in own),
        seconds_median=median(timed) if timed else None,
        baseline=baseline,
    )


def _count(peer: str, changes: Sequence[Change], results: Mapping[Key, Result]) -> Count:
    found = [result for change in changes if (result := results.get((peer, change.name)))]
    # A set-up that crashed has judged nothing: it is listed apart, and it is neither caught nor missed.
    run = [result for result in found if result.outcome != "error"]
    return Count(failed=sum(result.outcome == "failed" for result in run), run=len(run), all=len(changes))
