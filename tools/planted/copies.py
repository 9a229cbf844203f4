"""Copies of the service to plant something into: the project's own files stay as they are."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tools.checkout import copy_checkout

PROJECT: Final = Path(__file__).resolve().parents[2]
_CHECKOUT: Final = ("bench", "loadtests", "reglab", "reports")
_IDENTITY: Final = {
    "GIT_AUTHOR_NAME": "planted",
    "GIT_AUTHOR_EMAIL": "planted@example.test",
    "GIT_COMMITTER_NAME": "planted",
    "GIT_COMMITTER_EMAIL": "planted@example.test",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class PatchError(Exception):
    """A patch does not fit the service: one line that names it and the place where it fails."""


def planted_copy(folder: Path, patch: Path | None = None) -> Path:
    """Copy the service into `folder`, apply `patch` if there is one, and return the folder. Raises PatchError."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PROJECT / "service", folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
    if patch is not None:
        apply(patch, folder)
    return folder


def planted_checkout(folder: Path, patch: Path) -> Path:
    """Copy all that runs the service under load into `folder`, and apply `patch`. Raises PatchError."""
    for part in _CHECKOUT:
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    return planted_copy(folder, patch)


def planted_repository(folder: Path, patch: Path) -> Path:
    """Copy the service into a git repository with two commits, tagged `base` and `patched`. Raises PatchError."""
    planted_copy(folder)
    (folder / ".gitignore").write_text("__pycache__/\nvar/\n", encoding="utf-8")
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, "base")
    apply(patch, folder)
    _commit(folder, "patched")
    return folder


def planted_project(folder: Path, *patches: Path) -> Path:
    """Copy the whole project into a repository, commit it as `base`, then commit the patches. Raises PatchError."""
    copy_checkout(folder)
    _git(folder, "init", "--quiet", "--initial-branch=base")
    _commit(folder, "base")
    _git(folder, "checkout", "--quiet", "-b", "change")
    for patch in patches:
        apply_and_commit(patch, folder)
    return folder


def apply_and_commit(patch: Path, folder: Path) -> None:
    """Apply a patch to the repository in `folder` and commit it, tagged `patched`. Raises PatchError."""
    apply(patch, folder)
    _commit(folder, "patched")


def apply(patch: Path, folder: Path, *, only_check: bool = False) -> None:
    """Apply a patch in `folder`, wholly or not at all, or only see whether it fits. Raises PatchError."""
    check = ["--check"] if only_check else []
    done = _run_git(folder, "apply", "--whitespace=nowarn", *check, str(patch.resolve()))
    if done.returncode:
        complaint = " ".join(done.stderr.split())
        raise PatchError(f"{patch}: does not fit the service any more: {complaint}; make the patch again")


def _commit(folder: Path, tag: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", tag)
    _git(folder, "tag", "--force", tag)


def _git(folder: Path, *arguments: str) -> None:
    done = _run_git(folder, *arguments)
    if done.returncode:
        raise PatchError(f"{folder}: git {arguments[0]} failed: {' '.join(done.stderr.split())}")


def _run_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A copy inside another repository (as under var/) is no part of it: there `git apply` would do nothing, silently.
    outer = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**outer, **_IDENTITY, "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
    return subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
