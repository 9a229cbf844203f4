"""Linters that read files where they are: Dockerfiles, shell, workflows."""

import os

from tests.deploy.linters import PROGRAMS, complaints

IMAGES = ("deploy/image/Dockerfile", "deploy/image/Dockerfile.pooler", "deploy/image/Dockerfile.load")
WORKFLOWS = tuple(f".github/workflows/{name}.yml" for name in ("ci", "deploy", "nightly", "pull-request", "release"))


def test_dockerfiles_pass_hadolint() -> None:
    """Hadolint has no complaint about any image."""
    assert complaints("hadolint", *IMAGES) == ""


def test_scripts_pass_shellcheck() -> None:
    """Shellcheck has no complaint about the pooler's script and the machine's."""
    assert complaints("shellcheck", "deploy/image/pooler.sh", "tests/deploy/machine.sh", ".ci/run") == ""


def test_workflows_pass_actionlint_and_shellcheck() -> None:
    """Actionlint has no complaint, nor has shellcheck about the workflows' shell lines."""
    os.environ["PATH"] = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    assert complaints("actionlint", "-shellcheck", str(PROGRAMS / "shellcheck"), *WORKFLOWS) == ""


def test_workflows_pass_zizmor() -> None:
    """Zizmor finds nothing that an attacker could use."""
    assert complaints("zizmor", "--offline", "--quiet", ".github") == ""
