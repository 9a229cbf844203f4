"""A kiosk with an accepted ledger and a first commit, made once; and what this machine can do."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.environments.kiosks import SOURCE, Kiosk, copied

IS_ROOT = os.geteuid() == 0
NAMESPACES = IS_ROOT and shutil.which("unshare") is not None and shutil.which("setpriv") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, and say so, what needs root's namespaces where they are not to be had."""
    if NAMESPACES and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0:
        return
    for item in items:
        if item.get_closest_marker("namespaces"):
            item.add_marker(pytest.mark.skip(reason="makes namespaces and users: needs root, unshare and setpriv"))


@pytest.fixture(scope="session")
def accepted_kiosk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project with its ledger and its first commit once, whichever of the tests' processes comes first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "accepted-kiosk"
    with (shared / "accepted-kiosk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".git" / "accepted").exists():
            shutil.rmtree(folder, ignore_errors=True)
            kiosk = copied(SOURCE, folder)
            kiosk.git("init", "--quiet", "--initial-branch=main")
            done = kiosk.run("audit", "--accept", "the first")
            assert done.returncode == 0, done.stdout + done.stderr
            shutil.rmtree(folder / "var")
            kiosk.commit("The kiosk")
            (folder / ".git" / "accepted").touch()
    return folder


@pytest.fixture
def kiosk(accepted_kiosk: Path, place: Path) -> Kiosk:
    """A copy of the kiosk for one test, where every user can come to it."""
    return copied(accepted_kiosk, place / "kiosk")


@pytest.fixture
def bare_kiosk(place: Path) -> Kiosk:
    """The kiosk without a ledger, for tests that measure nothing."""
    kiosk = copied(SOURCE, place / "kiosk")
    kiosk.git("init", "--quiet", "--initial-branch=main")
    kiosk.commit("The kiosk")
    return kiosk


@pytest.fixture
def place(reachable_folder: Path) -> Path:
    """A folder that every user can go into, with a folder for temporary files of the test's own in it."""
    (reachable_folder / "tmp").mkdir()
    (reachable_folder / "tmp").chmod(0o1777)
    return reachable_folder


@pytest.fixture
def temporary(place: Path) -> Path:
    """The test's own folder for temporary files; nothing of ours may be left in it."""
    return place / "tmp"
