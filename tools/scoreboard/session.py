"""A run of the scoreboard: the cells that are missing, each kept as soon as it is known."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reglab.postgres.server import Server
from tools.scoreboard.cells import Bench
from tools.scoreboard.changes import Change, unchanged
from tools.scoreboard.checks.observation import Observation
from tools.scoreboard.environments import locked_version, python_of
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.ground import ask_all_scenarios, ground_digest
from tools.scoreboard.peers import Peer
from tools.scoreboard.results import Key, Result, append_result, read_results

EXACT_AT_ONCE: Final = 2
# Of a timed peer, until it is quiet about the unchanged service.
BASELINES_MAX: Final = 3
Say = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Session:
    """What is measured, where it is kept, and whether somebody has asked to stop.

    `kept` are the files of earlier results; new ones are added to the last.
    """

    changes: tuple[Change, ...]
    kept: tuple[Path, ...]
    server: Server
    is_again: bool
    say: Say
    stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ground: str = field(init=False)

    def __post_init__(self) -> None:
        self._ground = ground_digest()

    def record(self, peers: Sequence[Peer]) -> None:
        """Record anew what the peers' tests compare with: after a change of the service that is meant."""
        ask_all_scenarios()
        for peer in peers:
            Bench.of(peer, python=python_of(peer.name), server=self.server).record()
            self.say(f"{peer.name}: recorded")

    def measure(self, peers: Sequence[Peer]) -> None:
        """Measure the exact peers two at a time, then the timed ones alone."""
        self._measure([peer for peer in peers if peer.timing == "exact"], at_once=EXACT_AT_ONCE)
        self._measure([peer for peer in peers if peer.timing == "timed"], at_once=1)

    def _measure(self, peers: Sequence[Peer], *, at_once: int) -> None:
        """Show one change to all peers, then the next: wherever it is stopped, all have been asked the same."""
        with ThreadPoolExecutor(at_once) as pool:
            try:
                found = list(pool.map(self._ready, peers))
                benches = [bench for bench in found if bench is not None]
                cells = [(bench, change) for change in shuffled(self.changes) for bench in benches]
                known = self._known()
                wanted = [(bench, change) for bench, change in cells if self._is_open(bench.peer, change, known)]
                tasks = [
                    pool.submit(self._measure_cell, bench, change, f"{number}/{len(wanted)}")
                    for number, (bench, change) in enumerate(wanted, start=1)
                ]
                for task in tasks:
                    task.result()
            except BaseException:
                self.stopped.set()
                raise

    def _ready(self, peer: Peer) -> Bench | None:
        """Let a peer record its baseline, and see that it is quiet about the unchanged service."""
        known = self._known()
        if self.stopped.is_set() or not any(self._is_open(peer, change, known) for change in self.changes):
            return None
        try:
            bench = Bench.of(peer, python=python_of(peer.name), server=self.server)
            observation = self._with_baseline(bench)
        except ScoreboardError as error:
            self._keep(peer, unchanged(), Observation(outcome="error", signal=str(error)), place="")
            return None
        if self.stopped.is_set():
            return None
        self._keep(peer, unchanged(), observation, place="baseline")
        # A timed peer's alarm over an unchanged service is its answer, not a broken set-up.
        is_noise = peer.timing == "timed" and observation.outcome == "failed"
        return bench if observation.outcome == "quiet" or is_noise else None

    def _with_baseline(self, bench: Bench) -> Observation:
        """Let a peer record its baseline; return what it then says of the unchanged service. Raises ScoreboardError.

        A timed peer that alarms at once has recorded a moment that was too good: as its users would, record another.
        """
        for _ in range(1 if bench.peer.timing == "exact" else BASELINES_MAX):
            bench.prepare(self.changes)
            observation = bench.observe(unchanged())
            if observation.outcome != "failed" or self.stopped.is_set():
                break
        return observation

    def _measure_cell(self, bench: Bench, change: Change, place: str) -> None:
        if self.stopped.is_set():
            return
        observation = bench.observe(change)
        if ground_digest() != self._ground:
            raise ScoreboardError(
                "the suite, the dataset or the service changed during the run; its last cell is not kept: start again"
            )
        # What was interrupted is no verdict of the peer's.
        if not self.stopped.is_set():
            self._keep(bench.peer, change, observation, place=place)

    def _is_open(self, peer: Peer, change: Change, known: Mapping[Key, Result]) -> bool:
        found = known.get((peer.name, change.name))
        return (
            self.is_again
            or found is None
            or (found.version, found.setup_digest, found.change_digest)
            != (locked_version(peer.name, peer.name), peer.setup_digest, change.digest)
        )

    def _known(self) -> dict[Key, Result]:
        with self._lock:
            return {key: result for path in self.kept for key, result in read_results(path).items()}

    def _keep(self, peer: Peer, change: Change, observation: Observation, *, place: str) -> None:
        result = Result(
            peer=peer.name,
            version=locked_version(peer.name, peer.name),
            setup_digest=peer.setup_digest,
            change=change.name,
            kind=change.kind,
            change_digest=change.digest,
            outcome=observation.outcome,
            reason=observation.reason,
            signal=observation.signal,
            seconds=round(observation.seconds, 1),
        )
        with self._lock:
            append_result(self.kept[-1], result)
        self.say(f"{place} {peer.name} {change.name}: {result.outcome} {result.signal[:80]} ({result.seconds:.1f} s)")


def shuffled(changes: Sequence[Change]) -> list[Change]:
    """Return the changes in an order that has nothing to do with what they are, the same each time.

    A run that is stopped has then measured a fair sample of the catalogue, neutral changes included.
    """
    return sorted(changes, key=lambda change: hashlib.sha256(change.name.encode()).hexdigest())
