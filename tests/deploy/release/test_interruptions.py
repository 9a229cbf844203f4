"""Releases that were interrupted."""

import pytest

from deploy.outcomes import ChangeRefused
from tests.deploy.release.scene import BEFORE, WANTED, Scene


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
