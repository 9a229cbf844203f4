"""Staging on a stand-in for AWS, and a release on it that is about to start."""

from dataclasses import dataclass, field

import pytest

from deploy.cloud import Cloud
from deploy.proof import Answer, Proof
from deploy.release import Limits, Release
from deploy.stack_state import Running, StackState
from reglab.load.target.proof import IDENTITY_VERSION, signature
from tests.deploy.standin.account import REVISION, create, image, parameters
from tests.deploy.standin.fleet import Fleet
from tests.deploy.standin.registration import keep_tasks_still, register

KEY = "a key of the load test"
BEFORE = Running(image=image("a"), revision=REVISION)
WANTED = Running(image=image("c"), revision="d" * 40)
STACK = "orders-staging-service"
PLACE = "0123456789abcdef"


@dataclass(slots=True, kw_only=True)
class Site:
    """The service as it answers over the network: what its stack says, unless a test says otherwise."""

    cloud: Cloud
    revision: str = ""
    environment: str = "staging"
    key: str = KEY
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def ask(self, url: str) -> Answer:
        self.asked.append(url)
        if self.status != 200:
            return Answer(status=self.status, body={"detail": "planted"})
        revision = self.revision or self.cloud.stack().current.revision
        nonce = url.rpartition("nonce=")[2]
        parts = {"environment": self.environment, "place": PLACE, "revision": revision}
        signed = signature(self.key, IDENTITY_VERSION, *parts.values(), nonce)
        return Answer(status=200, body={**parts, "signature": signed})


@dataclass(slots=True, kw_only=True)
class Scene:
    """Staging on the stand-in, and a release that is about to start."""

    fleet: Fleet
    site: Site
    release: Release
    said: list[str]

    @property
    def running(self) -> Running:
        return self.site.cloud.stack().current

    @property
    def migrations(self) -> int:
        return len(self.fleet.tasks("migrate"))


def staging(monkeypatch: pytest.MonkeyPatch) -> Scene:
    register()
    keep_tasks_still()
    for part in ("network", "data"):
        create(f"orders-staging-{part}", part, Environment="staging")
    create(STACK, "service", **parameters("staging"))
    fleet = Fleet(environment="staging")
    fleet.settle()
    fleet.take_over_updates(monkeypatch)
    cloud = Cloud(environment="staging")
    monkeypatch.setattr(cloud, "holds", lambda running: running in (BEFORE, WANTED))
    site = Site(cloud=cloud)
    said: list[str] = []

    def prove(stack: StackState) -> Proof:
        return Proof(origin=stack.outputs["Origin"], environment="staging", key=KEY, ask=site.ask)

    release = Release(cloud=cloud, prove=prove, clock=fleet.clock, say=said.append, limits=Limits(every=15))
    return Scene(fleet=fleet, site=site, release=release, said=said)
