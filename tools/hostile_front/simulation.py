"""One load test against a world whose front turns hostile at a random moment, and what it did there.

The real engine: proof, preparation, sender, user, ledger, teardown. Only Locust's messages between processes are left
out, so that a run takes seconds. Importing this patches the process for gevent, as Locust does.
"""

import locust  # noqa: I001, F401  # patches the process first

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import gevent
from locust.event import Events

from loadtests.operations import LOAD
from reglab.config.project import Project
from reglab.errors import LoadTestError
from reglab.load.generator.arrivals import Share
from reglab.load.generator.recorder import Recorder
from reglab.load.generator.share import Generator
from reglab.load.generator.users import ArrivalsUser
from reglab.load.load_module import LoadProject
from reglab.config.profile import Profile, Stage
from reglab.config.targets import Target
from reglab.load.target.http_client import Api
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, new_run_id, pool_of, prepare_rows
from reglab.load.writes.teardown import Teardown
from reglab.load.writes.write_ledger import WriteLedger
from tools.hostile_front.world import MODES

KEY: Final = "a-key-of-the-simulation"
ROOT: Final = Path(__file__).resolve().parents[2]
MIX: Final = {
    "list-orders": 2.0,
    "read-order": 2.0,
    "create-customer": 1.0,
    "create-order": 1.0,
    "add-item": 2.0,
    "change-item": 2.0,
    "delete-item": 1.0,
    "cancel-order": 2.0,
    "archive-order": 1.0,
}
RATE_RPS: Final = 60.0
SECONDS: Final = 1.5
# A sound run sends about 280 requests: moments lie before, in and after the load, and some never come.
AFTER_MAX: Final = 320
TIMEOUT_S: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run did: foreign rows that it touched, requests that it issued after the first unproven answer."""

    number: int
    mode: str
    after: int
    same_software: bool
    touched: tuple[str, ...]
    sent_after_cut: int
    unaccounted: int
    was_cut: bool
    created: int
    removed: int
    left: int
    foreign_writes: int


class Worlds:
    """A process of worlds, and the way to talk to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.hostile_front.world"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, order: dict[str, Any]) -> Any:
        """Send one order and return the answer."""
        assert self._process.stdin is not None  # noqa: S101  # both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


@dataclass(slots=True)
class Issued:
    """What the client has issued: the ids of its requests before and after its tripwire was cut."""

    before: set[str]
    after: set[str]

    @contextmanager
    def watching(self, tripwire: Tripwire) -> Iterator[None]:
        """Note each id in the moment in which it is given out."""
        original = Proof.next_request

        def next_request(proof: Proof) -> tuple[str, str]:
            name, header = original(proof)
            (self.after if tripwire.reason else self.before).add(name)
            return name, header

        with patch.object(Proof, "next_request", next_request):
            yield


class _Runner:
    """The part of Locust's runner that a user speaks to."""

    def send_message(self, *_: Any) -> None:
        """Send nothing: there is no other process."""


class _Environment:
    """The part of Locust's environment that a user needs."""

    def __init__(self, generator: Generator, host: str) -> None:
        self.load_generator = generator
        self.events = Events()  # type: ignore[no-untyped-call]  # Locust's own
        self.host = host
        self.runner = _Runner()


def drawn_plan(number: int) -> dict[str, Any]:
    """Draw mode and moment of a run from its number alone: a run can be repeated by itself."""
    draw = random.Random(f"hostile-{number}")  # noqa: S311  # reproducible is the point
    return {
        "key": KEY,
        "mode": draw.choice(MODES),
        "after": draw.randrange(1, AFTER_MAX),
        "same_software": draw.random() < 0.5,
        "path": draw.choice(("/api/items/", "/api/orders/", "/api/customers/")),
    }


def simulated(number: int, worlds: Worlds, *, plan: dict[str, Any] | None = None) -> Outcome:
    """Run one load test through a front that turns hostile, to its very end."""
    plan = plan or drawn_plan(number)
    port = worlds.ask({"open": plan})["port"]
    target = Target(
        origin=f"http://127.0.0.1:{port}", environment="test", rate_rps_max=1e4, seconds_max=600, writes_max=10**6
    )
    with tempfile.TemporaryDirectory(prefix="hostile-front-") as name:
        folder = Path(name)
        (folder / "targets.toml").write_text(_allowlist(target), encoding="utf-8")
        tripwire, issued = Tripwire(), Issued(set(), set())
        # All in one process share one flag; in several, the file in the run's folder is it.
        shared = patch.object(Tripwire, "of_run", lambda _folder: tripwire)
        variables = patch.dict("os.environ", {"LOADTEST_KEY": KEY, "LOADTEST_TARGETS": str(folder / "targets.toml")})
        with issued.watching(tripwire), shared, variables:
            removed = _run(target, folder, tripwire, number)
    world = worlds.ask({"close": port})
    signed = {one for one in world["received"] if " " not in one}
    return Outcome(
        number=number,
        mode=plan["mode"],
        after=plan["after"],
        same_software=plan["same_software"],
        touched=tuple(world["touched"]),
        sent_after_cut=len(issued.after),
        unaccounted=len(signed - issued.before),
        was_cut=tripwire.is_cut(),
        created=world["created"],
        removed=removed,
        left=world["left"],
        foreign_writes=world["foreign_writes"],
    )


def _run(target: Target, folder: Path, tripwire: Tripwire, number: int) -> int:
    """Prove, prepare, send, reconcile, clean up, as `reglab load` does. Returns how many rows were removed."""
    run = new_run_id()
    try:
        proof = prove(target, tripwire=tripwire, deadline_s=TIMEOUT_S)
    except LoadTestError:
        return 0
    api = Api(origin=target.origin, token="t", proof=proof, tripwire=tripwire, deadline_s=TIMEOUT_S)  # noqa: S106
    profile = _profile(number)

    def prove_anew() -> None:
        prove(target, tripwire=tripwire, expected=proof, deadline_s=TIMEOUT_S)

    try:
        prove_anew()
        preparation = prepare_rows(LOAD, profile, api=api, run=run, folder=folder)
        _send(profile, preparation, proof, target, folder)
    except LoadTestError:
        pass
    settlement = Teardown(load=LOAD, folder=folder, api=api, run=run, prove=prove_anew).settle()
    api.close()
    return settlement.removed


def _send(profile: Profile, preparation: Preparation, proof: Proof, target: Target, folder: Path) -> None:
    generator = Generator(
        project=LoadProject(project=Project(), module="loadtests.operations", load=LOAD),
        profile=profile,
        origin=target.origin,
        place=proof.place,
        share=Share(),
        pool=pool_of(preparation, worker="w0"),
        recorder=Recorder(timeout_s=profile.timeout_seconds),
        ledger=WriteLedger.create(folder / "ledger-abcdef-0.jsonl"),
        tripwire=Tripwire.of_run(folder),
        tell=lambda _: None,
        token="t",  # noqa: S106  # no secret
    )
    user = ArrivalsUser(_Environment(generator, target.origin))
    user.host = target.origin
    sending = gevent.spawn(user.send_arrivals)
    with gevent.Timeout(30, exception=False):
        while not generator.is_finished and not (generator.is_stopping and user.is_idle):
            gevent.sleep(0.05)
    sending.kill()
    generator.ledger.close()


def _profile(number: int) -> Profile:
    return Profile(
        schema_version=1,
        name="hostile",
        reason="A front that turns hostile.",
        seed=number,
        stage=(Stage(name="steady", seconds=SECONDS, from_rps=RATE_RPS, to_rps=RATE_RPS, judged=True),),
        mix=MIX,
        timeout_seconds=TIMEOUT_S,
        data={"customers": 3, "orders": 12, "hot_orders": 2},
    )


def _allowlist(target: Target) -> str:
    lines = [f"{name} = {json.dumps(getattr(target, name))}" for name in Target.__dataclass_fields__]
    return "\n".join(["schema_version = 1", "[[target]]", *lines, ""])
