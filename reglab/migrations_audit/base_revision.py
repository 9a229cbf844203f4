"""The revision that a change starts from, and the migrations that it does not have."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from reglab.errors import AuditError

_BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRevision:
    """A commit of the repository that holds the present folder."""

    folder: Path
    commit: str

    def has(self, path: Path) -> bool:
        """Tell whether a file was there."""
        relative = path.resolve().relative_to(self.folder.resolve()).as_posix()
        return _git(self.folder, "cat-file", "-e", f"{self.commit}:./{relative}") is not None

    def export(self, target: Path) -> None:
        """Write the folder as it was into `target`."""
        archive = _git(self.folder, "archive", "--format=tar", self.commit, "--", ".")
        if archive is None:
            raise AuditError(f"git archive of {self.commit[:12]} failed in {self.folder}")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(target, filter="data")


def base_revision(named: str) -> BaseRevision:
    """Return the revision that was named, or the one where the branch began. Raises AuditError where there is none."""
    folder = Path.cwd()
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        raise AuditError(f"{folder} is no git work tree, which the base's migrations are taken from")
    for name in (named,) if named else _BRANCHES:
        commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        start = commit and (_git(folder, "merge-base", "HEAD", commit.decode().strip()) or None)
        if start:
            return BaseRevision(folder=folder, commit=start.decode().strip())
    if named:
        raise AuditError(f"there is no revision {named!r} in {folder} (in a shallow clone, fetch it first)")
    head = _git(folder, "rev-parse", "HEAD")
    if head is None:
        raise AuditError(f"{folder} has no commit yet")
    return BaseRevision(folder=folder, commit=head.decode().strip())


def new_migrations(base: BaseRevision) -> tuple[Migration, ...]:
    """Return the migrations below the present folder that the base does not have, in the order of their graph."""
    loader = MigrationLoader(connection)
    plan: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        plan.update(dict.fromkeys(loader.graph.forwards_plan(leaf)))
    found = (loader.graph.nodes[key] for key in plan)
    return tuple(one for one in found if one is not None and _is_new(one, base))


def _is_new(migration: Migration, base: BaseRevision) -> bool:
    file = getattr(sys.modules.get(type(migration).__module__), "__file__", None)
    path = Path(file) if file else None
    return path is not None and path.is_relative_to(base.folder.resolve()) and _is_tracked(path) and not base.has(path)


def _is_tracked(path: Path) -> bool:
    return not {"site-packages", "dist-packages"} & set(path.parts)


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False, env=_environment())
    except OSError as error:
        raise AuditError(f"git cannot be started: {error.strerror}; the base's migrations are taken from it") from None
    return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    # A hook of git's runs with the paths of its own repository.
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def shown(migrations: Iterator[Migration] | tuple[Migration, ...]) -> str:
    """Name migrations for a reader."""
    return ", ".join(f"{one.app_label}.{one.name}" for one in migrations)
