"""Steps of a release that goes well."""

from dataclasses import replace
from typing import Any

import boto3

from deploy.proof import Proof
from deploy.stack_state import StackState
from tests.deploy.release.scene import BEFORE, WANTED, Scene


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


def test_a_service_that_answers_late_is_waited_for(scene: Scene) -> None:
    """A first 503 after the update is no reason to go back."""
    scene.site.status = 503
    scene.fleet.at(110, lambda: setattr(scene.site, "status", 200))
    scene.release.release(WANTED)
    assert scene.running == WANTED


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
