"""Releases that something stands in the way of, before the service is touched."""

from dataclasses import replace

import pytest

from deploy.cloud import Cloud
from deploy.outcomes import ChangeRefused, CouldNotRun, Inconclusive
from deploy.stack_state import Running
from tests.deploy.release.scene import BEFORE, STACK, WANTED, Scene
from tests.deploy.standin.account import image


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


def test_a_stack_that_is_stuck_is_left_alone(scene: Scene) -> None:
    """After a failed rollback of CloudFormation nothing is tried: exit code 2, and where to read on."""
    from moto.cloudformation.models import cloudformation_backends

    cloudformation_backends["123456789012"]["eu-central-1"].get_stack(STACK).status = "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(CouldNotRun, match=r"is UPDATE_ROLLBACK_FAILED .* When a stack is stuck"):
        scene.release.release(WANTED)


def test_no_stack_is_one_sentence(scene: Scene) -> None:
    """An account without the stack: exit code 2, and where to read how to begin."""
    with pytest.raises(CouldNotRun, match="There is no stack orders-production-service"):
        replace(scene.release, cloud=Cloud(environment="production")).release(WANTED)


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
