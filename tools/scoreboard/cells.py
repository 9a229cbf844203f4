"""One cell of the table: a peer's check on one change, with a copy, an empty database and the peer's environment."""

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Final

from reglab.postgres import databases
from reglab.postgres.server import Server
from tools.planted.copies import PatchError
from tools.scoreboard.changes import Change, unchanged
from tools.scoreboard.checks import asv, locust, pytest, pytest_benchmark
from tools.scoreboard.checks.observation import Observation, Situation
from tools.scoreboard.copies import changed_copy
from tools.scoreboard.ground import asked_scenarios
from tools.scoreboard.peers import Peer
from tools.scoreboard.places import STATE

CHECKS: Final[dict[str, ModuleType]] = {
    "pytest": pytest,
    "pytest-benchmark": pytest_benchmark,
    "asv": asv,
    "locust": locust,
}
# What a timed peer looks at where the catalogue names no scenario: the requests that customers wait for, which are
# also what `manage.py compare` times.
TIMED_SCENARIOS: Final = ("list-orders", "show-order", "create-order", "cancel-order", "summary")
# asv has one repository and one folder of results, Locust the whole machine: nobody runs them twice at once.
_ALONE: Final = ("asv", "locust")
_WORST: Final = ("error", "failed", "quiet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A peer, its interpreter, the database server, and the folder of the peer's state."""

    peer: Peer
    python: Path
    server: Server
    state: Path
    # The copy's folder is the same for each change: a peer looks at one at a time.
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, peer: Peer, *, python: Path, server: Server, root: Path = STATE) -> "Bench":
        """Return the bench of a peer."""
        return cls(peer=peer, python=python, server=server, state=root / peer.name)

    def prepare(self, changes: tuple[Change, ...]) -> None:
        """Let the peer record its baseline of the unchanged service. Raises ScoreboardError."""
        with self._situation(unchanged(), scenarios=self._baseline_scenarios(changes)) as situation:
            CHECKS[self.peer.check].prepare(situation)
            if self.peer.check == "pytest":
                self._keep_template(situation)

    def record(self) -> None:
        """Record anew, in the peer's folder, what its tests compare with. Raises ScoreboardError."""
        if self.peer.check == "pytest":
            with self._situation(unchanged(), scenarios=asked_scenarios()) as situation:
                pytest.prepare(situation, record="committed")

    def observe(self, change: Change) -> Observation:
        """Run the peer's check on one change, as often as the change asks; the worst observation counts."""
        try:
            with self.lock, self._situation(change, scenarios=self.scenarios_of(change)) as situation:
                return self._observed(change, situation)
        except PatchError as error:
            return Observation(outcome="error", signal=str(error))

    def scenarios_of(self, change: Change) -> tuple[str, ...]:
        """Return what is asked: of most exact peers every scenario, of the others those that the change is about."""
        if self.peer.scenarios == "all" or change.kind == "unchanged":
            return asked_scenarios() if self.peer.timing == "exact" else TIMED_SCENARIOS
        if self.peer.timing == "timed" and change.kind == "neutral":
            return TIMED_SCENARIOS
        return concerned_scenarios(change)

    def _baseline_scenarios(self, changes: tuple[Change, ...]) -> tuple[str, ...]:
        found = {name for change in (unchanged(), *changes) for name in self.scenarios_of(change)}
        return tuple(sorted(found))

    def _observed(self, change: Change, situation: Situation) -> Observation:
        observations = []
        for _ in range(change.repeats):
            with ThreadPoolExecutor(1 if self.peer.check in _ALONE else change.at_once) as pool:
                # The same copy, each process with a database of its own.
                runs = [pool.submit(self._once, situation) for _ in range(change.at_once)]
                observations += [one.result() for one in runs]
        worst = min(observations, key=lambda one: _WORST.index(one.outcome))
        return replace(worst, seconds=sum(one.seconds for one in observations) / len(observations))

    def _keep_template(self, situation: Situation) -> None:
        """Keep the test database that the peer has migrated and filled: a change's own migrations run on a copy."""
        made = f"test_{situation.database_url.rpartition('/')[2].partition('?')[0]}"
        if databases.has_database(self.server.url(), made):
            self.server.drop_database(self._template)
            self.server.freeze_database(made)
            self.server.create_database(self._template, template=made)

    @property
    def _template(self) -> str:
        return f"template_{self.peer.name.replace('-', '_')}"

    def _once(self, situation: Situation) -> Observation:
        with _database(self.server, template=self._template) as url:
            observation: Observation = CHECKS[self.peer.check].observe(replace(situation, database_url=url))
            return observation

    @contextmanager
    def _situation(self, change: Change, *, scenarios: tuple[str, ...]) -> Iterator[Situation]:
        order = {"SCOREBOARD_REVERSED": "1"} if change.is_reversed else {}
        with _database(self.server) as url:
            yield Situation(
                peer=self.peer,
                python=self.python,
                copy=changed_copy(change, state=self.state),
                database_url=url,
                state=self.state / "kept",
                scenarios=scenarios,
                environment={**change.environment, **order},
            )


def concerned_scenarios(change: Change) -> tuple[str, ...]:
    """Return the scenarios that a change's `only` names, by a glob or several in one text; else the five timed ones."""
    names = asked_scenarios()
    words = change.only.replace(",", " ").replace("+", " ").split()
    found = tuple(name for name in names if any(fnmatch(name, word) for word in words))
    return found or TIMED_SCENARIOS


@contextmanager
def _database(server: Server, *, template: str = "") -> Iterator[str]:
    name = f"peer_{secrets.token_hex(6)}"
    url = server.create_database(name)
    if template and databases.has_database(server.url(), template):
        server.create_database(f"test_{name}", template=template)
    try:
        yield url
    finally:
        # A peer that was killed leaves its test database behind.
        server.drop_database(f"test_{name}")
        server.drop_database(name)
