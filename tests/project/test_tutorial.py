"""The tutorial's own commands lead a stranger from a bare project to a passing audit, and to the bug at its line."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.project.copied_sites import REPOSITORY, Site

pytestmark = [pytest.mark.slow, pytest.mark.once]

SEED = REPOSITORY / "tests" / "projects" / "seed"


def commands() -> list[list[str]]:
    """Return the commands of the tutorial, in order."""
    text = (REPOSITORY / "docs" / "any-project.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line) for line in lines]


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Copy the bare project of three models, and follow the tutorial in it up to the first draft."""
    site = Site.copied(SEED, tmp_path_factory.mktemp("tutorial") / "seed")
    install, init, *_ = commands()
    assert install[:2] == ["pip", "install"]
    done = site.run(*init[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def test_the_commands_are_those_of_the_tutorial() -> None:
    """What is executed here is what the page shows."""
    assert [command[:2] for command in commands()] == [
        ["pip", "install"],
        ["reglab", "init"],
        ["reglab", "audit"],
        ["reglab", "init"],
        ["reglab", "probe"],
        ["reglab", "probe"],
        ["reglab", "gate"],
    ]


def test_the_second_run_passes_with_nothing_written_by_hand(seed: Site) -> None:
    """`reglab audit` right after `reglab init` exits 0."""
    done = seed.run(*commands()[2][1:], hash_seed=5)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_accepted_once_passes_the_whole_gate(seed: Site) -> None:
    """The audits beyond counting keep what they accept in the project's ledger, and the gate runs all of them."""
    for command in commands()[4:]:
        done = seed.run(*command[1:])
        assert done.returncode == 0, done.stdout + done.stderr
    assert {"access.toml", "probes.toml"} <= {
        path.name for path in (seed.folder / "regression-lab" / "ledger").iterdir()
    }


def test_the_cancel_bug_fails_at_its_line(seed: Site, tmp_path: Path) -> None:
    """A signal that deletes the customer of a cancelled order is named where it stands."""
    broken = Site.copied(seed.folder, tmp_path / "broken")
    patch = (SEED / "cancel-deletes-the-customer.patch").read_text(encoding="utf-8")
    subprocess.run(["git", "apply", "-"], cwd=broken.folder, input=patch, text=True, check=True)
    done = broken.run(*commands()[2][1:])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "signals.py:" in done.stdout
