"""The release on a stand-in for AWS, through every way in which it can end."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from deploy.cloud import Cloud
from deploy.outcomes import ChangeRefused, CouldNotRun, Inconclusive
from deploy.proof import Answer, Proof, signature
from deploy.release import Limits, Release
from deploy.stack_state import Running, StackState
from tests.deploy.standin.account import REVISION, create, image, parameters
from tests.deploy.standin.fleet import Fleet
from tests.deploy.standin.registration import keep_tasks_still, register

KEY = "a key of the load test"
BEFORE = Running(image=image("a"), revision=REVISION)
WANTED = Running(image=image("c"), revision="d" * 40)
STACK = "orders-staging-service"


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
        return Answer(
            status=200,
            body={
                "environment": self.environment,
                "revision": revision,
                "signature": signature(self.key, environment=self.environment, revision=revision, nonce=nonce),
            },
        )


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


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Staging runs BEFORE, and the registry holds WANTED."""
    with mock_aws():
        yield staging(monkeypatch)


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


def test_a_good_release_migrates_updates_proves_and_watches(scene: Scene) -> None:
    """The steps come in this order, the stack runs the image, and remembers the former one."""
    scene.release.release(WANTED)
    order = [next(line for line in scene.said if word in line) for word in ("migration started", "is being updated")]
    order += [next(line for line in scene.said if word in line) for word in ("Proven", "Watching", "Released")]
    assert [scene.said.index(line) for line in order] == sorted(scene.said.index(line) for line in order)
    stack = scene.site.cloud.stack()
    assert (stack.current, stack.previous, scene.migrations) == (WANTED, BEFORE, 1)


def test_the_migration_runs_the_new_image_on_the_private_network(scene: Scene) -> None:
    """The one-off task has the new image and revision, the service's subnets, and leaves no task definition behind."""
    scene.release.release(WANTED)
    (task,) = scene.fleet.tasks("migrate")
    ecs = boto3.client("ecs")
    container = ecs.describe_task_definition(taskDefinition=task.task_definition_arn)["taskDefinition"]
    (definition,) = container["containerDefinitions"]
    assert definition["image"] == WANTED.image
    assert {"name": "SERVICE_REVISION", "value": WANTED.revision} in definition["environment"]
    assert container["status"] == "INACTIVE"
    private = boto3.client("cloudformation").describe_stacks(StackName="orders-staging-network")["Stacks"][0]["Outputs"]
    subnets = {each["OutputValue"] for each in private if each["OutputKey"].startswith("Private")}
    assert set(task.network_configuration["awsvpcConfiguration"]["subnets"]) == subnets


def test_a_second_release_of_the_same_image_changes_nothing(scene: Scene) -> None:
    """It neither migrates nor updates, proves and watches again, and succeeds."""
    scene.release.release(WANTED)
    events = len(scene.fleet.events)
    scene.release.release(WANTED)
    assert (scene.migrations, len(scene.fleet.events)) == (1, events)
    assert any("already runs" in line for line in scene.said)


def test_a_failed_migration_leaves_the_service_alone(scene: Scene) -> None:
    """The change is bad: exit code 1, and the stack was never updated."""
    scene.fleet.migration_exit_code = 1
    with pytest.raises(ChangeRefused, match="exit code 1; the service was not touched"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE
    assert not any("being updated" in line for line in scene.said)


def test_a_migration_that_never_ran_is_not_the_changes_fault(scene: Scene) -> None:
    """A task that could not start has no exit code: could not run, exit code 2."""
    scene.fleet.migration_exit_code = None
    with pytest.raises(CouldNotRun, match="never ran"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_a_migration_that_does_not_end_is_inconclusive(scene: Scene) -> None:
    """After its time the release stops waiting, and does not start the service on a half-migrated database."""
    scene.fleet.migration_seconds = 10**6
    with pytest.raises(Inconclusive, match="did not end within 1800 s and is still running"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_tasks_that_do_not_start_are_rolled_back(scene: Scene) -> None:
    """CloudFormation's own rollback is waited for, and its reason is given: exit code 1."""
    scene.fleet.updates = ["rolled back"]
    with pytest.raises(ChangeRefused, match=r"rolled back, and .* runs sha256:aaaa.*: Service: ECS Deployment Circuit"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_an_update_without_end_is_cancelled(scene: Scene) -> None:
    """After its time the update is cancelled, and what ran before is running: exit code 3."""
    scene.fleet.updates = ["hangs"]
    with pytest.raises(Inconclusive, match="not updated within 1800 s; it is UPDATE_ROLLBACK_COMPLETE"):
        scene.release.release(WANTED)
    assert (scene.fleet.cancelled, scene.running) == ([STACK], BEFORE)


def test_a_wrong_revision_is_rolled_back(scene: Scene) -> None:
    """A service that answers with another revision is not what was to be released: back, exit code 1."""
    scene.site.revision = "e" * 40
    with pytest.raises(ChangeRefused, match=r"runs revision eeeeeeeeeeee, not dddddddddddd. Rolled back"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_an_answer_without_the_key_proves_nothing(scene: Scene) -> None:
    """A signature by another key is refused, whatever revision it signs."""
    scene.site.key = "another key than that of staging"
    with pytest.raises(ChangeRefused, match=r"its signature is wrong. Rolled back"):
        scene.release.release(WANTED)


def test_another_environment_under_the_same_name_is_refused(scene: Scene) -> None:
    """A host name that leads to production is found out before any load is sent to it."""
    scene.site.environment = "production"
    with pytest.raises(ChangeRefused, match="is production, not staging"):
        scene.release.release(WANTED)


def test_a_service_that_does_not_answer_is_rolled_back_undecided(scene: Scene) -> None:
    """No answer within the time proves neither: back, and exit code 3."""
    scene.site.status = 503
    with pytest.raises(Inconclusive, match=r"answered 503 \(planted\). Rolled back"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_a_service_that_answers_late_is_waited_for(scene: Scene) -> None:
    """A first 503 after the update is no reason to go back."""
    scene.site.status = 503
    scene.fleet.at(110, lambda: setattr(scene.site, "status", 200))
    scene.release.release(WANTED)
    assert scene.running == WANTED


def test_a_deployment_that_ecs_gives_up_is_rolled_back(scene: Scene) -> None:
    """A failed rollout is bad although the stack says that it is complete."""
    scene.fleet.rollout = "FAILED"
    with pytest.raises(ChangeRefused, match="ECS gave the deployment up"):
        scene.release.release(WANTED)


def test_an_alarm_after_the_release_takes_it_back(scene: Scene) -> None:
    """An alarm that fires while it is watched: back, exit code 1, and its name is given."""
    scene.fleet.at(200, scene.fleet.fire)
    with pytest.raises(ChangeRefused, match=r"orders-staging-service-slo-errors fired after the release. Rolled back"):
        scene.release.release(WANTED)
    assert scene.running == BEFORE


def test_an_alarm_before_the_release_stops_it(scene: Scene) -> None:
    """Into an outage nothing is released, unless it is the cure."""
    scene.fleet.fire("slo-latency")
    with pytest.raises(CouldNotRun, match="slo-latency fires already"):
        scene.release.release(WANTED)
    assert (scene.running, scene.migrations) == (BEFORE, 0)
    replace(scene.release, despite_alarms=True).release(WANTED)
    assert scene.running == WANTED


def test_an_image_that_was_never_pushed_stops_it(scene: Scene) -> None:
    """Before anything is changed the registry is asked for the image."""
    with pytest.raises(CouldNotRun, match="The registry has no image"):
        scene.release.release(Running(image=image("9"), revision="9" * 40))
    assert scene.migrations == 0


@pytest.mark.parametrize("second", [5, 30, 100, 300])
def test_an_interrupted_release_goes_on_where_it_stopped(scene: Scene, second: int) -> None:
    """Interrupted in the migration, in the update, in the proof or in the watch: the same command ends it, once."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    scene.fleet.at(second, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scene.release.release(WANTED)
    scene.release.release(WANTED)
    stack = scene.site.cloud.stack()
    assert (stack.current, stack.previous, scene.migrations) == (WANTED, BEFORE, 1)


def test_an_interrupted_release_that_was_rolled_back_meanwhile_says_so(scene: Scene) -> None:
    """Given again while CloudFormation takes it back, the command waits for that and fails: exit code 1."""
    scene.fleet.updates = ["rolled back"]

    def interrupt() -> None:
        raise KeyboardInterrupt

    scene.fleet.at(40, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scene.release.release(WANTED)
    with pytest.raises(ChangeRefused, match="The update was rolled back"):
        scene.release.release(WANTED)


def test_a_rollback_goes_back_once(scene: Scene) -> None:
    """By hand, the former image comes back; a second rollback stays there, and not at the refused image."""
    scene.release.release(WANTED)
    scene.release.rollback()
    assert scene.running == BEFORE
    scene.release.rollback()
    assert scene.running == BEFORE
    assert any("is back at" in line for line in scene.said)


def test_there_is_nothing_to_go_back_to_at_first(scene: Scene) -> None:
    """A stack that has run one image says so: exit code 2."""
    with pytest.raises(CouldNotRun, match="there is nothing to go back to"):
        scene.release.rollback()


def test_a_rollback_that_fails_is_said(scene: Scene) -> None:
    """Where the way back is closed as well, somebody has to look: exit code 2, with both reasons."""
    scene.site.revision = "e" * 40
    scene.fleet.updates = ["complete", "rolled back"]
    with pytest.raises(CouldNotRun, match=r"runs revision eeee.*And it could not be taken back"):
        scene.release.release(WANTED)


def test_a_stack_that_is_stuck_is_left_alone(scene: Scene) -> None:
    """After a failed rollback of CloudFormation nothing is tried: exit code 2, and where to read on."""
    from moto.cloudformation.models import cloudformation_backends

    cloudformation_backends["123456789012"]["eu-central-1"].get_stack(STACK).status = "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(CouldNotRun, match=r"is UPDATE_ROLLBACK_FAILED .* When a stack is stuck"):
        scene.release.release(WANTED)


def test_a_dry_run_changes_nothing(scene: Scene) -> None:
    """It looks at the same things, says what it would do, and calls nothing that changes anything."""
    calls: list[Any] = []
    for client in ("_formation", "_containers", "_registry", "_watch"):
        events = getattr(scene.site.cloud, client).meta.events
        events.register("before-call", lambda model, **_: calls.append(model.name))
    replace(scene.release, dry_run=True).release(WANTED)
    assert calls
    assert all(name.startswith(("Describe", "List")) for name in calls)
    assert [line.split()[:2] for line in scene.said] == [["Would", "migrate"], ["Would", "update"]]
    assert (scene.running, scene.migrations) == (BEFORE, 0)


def test_production_is_proven_by_its_tasks_and_its_readiness(scene: Scene) -> None:
    """Without a key nothing is asked for an identity, which does not exist on production."""

    def prove(stack: StackState) -> Proof:
        return Proof(origin=stack.outputs["Origin"], environment="production", ask=scene.site.ask)

    replace(scene.release, prove=prove).release(WANTED)
    assert set(scene.site.asked) == {"https://orders.example.com/healthz/ready"}


def test_no_stack_is_one_sentence(scene: Scene) -> None:
    """An account without the stack: exit code 2, and where to read how to begin."""
    with pytest.raises(CouldNotRun, match="There is no stack orders-production-service"):
        replace(scene.release, cloud=Cloud(environment="production")).release(WANTED)
