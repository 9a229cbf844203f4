"""Releases that are taken back, by themselves or by hand."""

import pytest

from deploy.outcomes import ChangeRefused, CouldNotRun, Inconclusive
from tests.deploy.release.scene import BEFORE, STACK, WANTED, Scene


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
