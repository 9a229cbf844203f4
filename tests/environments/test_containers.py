"""Containers as CI servers run them: the whole gate passes and a comparison runs, by podman, with its own capabilities.

The image is a Debian without anything of ours; interpreter, packages and git are mounted: no registry is needed then.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.environments.kiosks import NAMELESS, PROJECT, Kiosk

pytestmark = [pytest.mark.namespaces, pytest.mark.slow, pytest.mark.once]
# As tests/deploy names and runs it: without a daemon, as root.
BASE = "docker.io/library/python:3.13-slim-trixie"
PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
# A comparison that a busy machine leaves undecided ends with 3: it is no failure of the container's.
COMMANDS = "set -e; {before}python -m reglab gate; python -m reglab compare HEAD~1 || [ $? = 3 ]"
GITHUB_UID = 1001


@pytest.fixture(autouse=True)
def image() -> None:
    """Leave the tests out, and say so, where no image was made (`tox -e deploy` makes it) and none can be run."""
    if missing := [name for name in ("buildah", "podman", "runc") if shutil.which(name) is None]:
        pytest.skip(f"runs containers: {', '.join(missing)} not installed")
    if subprocess.run(["buildah", "inspect", BASE], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"runs containers: the image {BASE} is not there; tox -e deploy makes it")


def contained(kiosk: Kiosk, workspace: str, *options: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the gate and a comparison in a container, the kiosk mounted as its workspace."""
    base = Path(sys.base_prefix)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    interpreter = f"/opt/interpreter/bin/python{version}"
    packages = f"{PROJECT}:/opt/packages"
    return subprocess.run(
        [
            *(
                *PODMAN,
                "run",
                "--rm",
                "--network",
                "none",
                "--ulimit",
                "nofile=1024:4096",
                "--ulimit",
                "nproc=4096:4096",
            ),
            *(
                "--volume",
                "/usr:/usr:ro",
                "--volume",
                f"{base}:/opt/interpreter:ro",
                "--volume",
                f"{PROJECT}:{PROJECT}:ro",
                # By itself: the folders above it may be closed to other users.
                "--volume",
                f"{sysconfig.get_path('purelib')}:/opt/packages:ro",
            ),
            *("--volume", f"{kiosk.folder}:{workspace}", "--workdir", workspace),
            *("--env", f"PYTHONPATH={packages}", "--env", "CI=true", "--env", "PYTHONDONTWRITEBYTECODE=1"),
            *("--env", "LD_LIBRARY_PATH=/opt/interpreter/lib", *options),
            *(BASE, "sh", "-c", f'python() {{ {interpreter} "$@"; }}; {COMMANDS.format(before=before)}'),
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def own(folder: Path, uid: int) -> None:
    """Give a checkout to a user."""
    for root, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(root) / name, uid, 0, follow_symlinks=False)


def a_neutral_change(kiosk: Kiosk) -> None:
    with (kiosk.folder / "stock" / "views.py").open("a", encoding="utf-8") as file:
        file.write("\n# Nothing of it is executed.\n")
    kiosk.commit("A comment")


def test_a_github_container_job(kiosk: Kiosk, place: Path) -> None:
    """Root with podman's capabilities, in a checkout of the runner's user, with the home that the runner mounts."""
    a_neutral_change(kiosk)
    own(kiosk.folder, GITHUB_UID)
    (place / "home").mkdir()
    done = contained(
        kiosk,
        "/__w/kiosk/kiosk",
        *("--volume", f"{place / 'home'}:/github/home", "--env", "HOME=/github/home"),
        *("--env", "GITHUB_ACTIONS=true", "--env", "GITHUB_WORKSPACE=/__w/kiosk/kiosk"),
        before='git config --global --add safe.directory "$PWD"; ',
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_openshifts_arbitrary_user(kiosk: Kiosk, place: Path) -> None:
    """A user id of the cluster's own in the group of root, no capability, no new privileges, a home that is /."""
    a_neutral_change(kiosk)
    own(kiosk.folder, NAMELESS)
    done = contained(
        kiosk,
        "/opt/app-root/src",
        *("--user", f"{NAMELESS}:0", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--env", "HOME=/"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
