"""The revision that a change starts from, and the migrations that it does not have."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from reglab.errors import AuditError
from reglab.git import files
from reglab.git.command import Git
from reglab.git.large_files import fill_pointers
from reglab.git.links import settle_links
from reglab.git.target_branch import targets_of_job

BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRevision:
    """A commit of the repository that holds the present folder; a guess where no branch told where the change began."""

    folder: Path
    commit: str
    is_guess: bool = False

    @property
    def git(self) -> Git:
        """Git in the folder."""
        return Git(folder=self.folder)

    def has(self, path: Path) -> bool:
        """Tell whether a file was there."""
        relative = path.resolve().relative_to(self.folder.resolve()).as_posix()
        return self.git.agrees("cat-file", "-e", f"{self.commit}:./{relative}")

    def export(self, target: Path) -> None:
        """Write the folder as it was into `target`. Raises GitError."""
        files.export(self.git, self.commit, ["."], target)
        files.complete(self.git, ["."], [target])
        settle_links(target, self.folder.resolve())
        fill_pointers(self.git, target)


class BaseMissingError(AuditError):
    """A change has a base, and the clone lacks it: nobody can tell what is new."""


def base_revision(named: str) -> BaseRevision:
    """Return the revision that was named, that a pull request goes to, or where the branch began.

    Raises AuditError where there is none, BaseMissingError where there is one and this clone lacks it.
    """
    folder = Path.cwd()
    git = Git(folder=folder)
    if refusal := git.refusal():
        raise AuditError(f"the base's migrations are taken from git: {refusal}")
    targets = () if named else targets_of_job(os.environ)
    names = (
        (named,) if named else (*(name for target in targets for name in target.names), *(() if targets else BRANCHES))
    )
    for name in names:
        if start := _start(git, name):
            return BaseRevision(folder=folder, commit=start)
    if named:
        raise BaseMissingError(f"there is no revision {named!r} in {folder} (in a shallow clone, fetch it first)")
    if targets:
        raise BaseMissingError(
            f"the change goes to {targets[0].value} ({targets[0].variable}), and there is no such revision with a "
            f"common history in {folder}; check out the whole history: fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab"
        )
    if not git.agrees("rev-parse", "--verify", "--quiet", "HEAD"):
        raise AuditError(f"{folder} has no commit yet")
    return BaseRevision(folder=folder, commit=git.text("rev-parse", "HEAD"), is_guess=True)


def _start(git: Git, name: str) -> str:
    """Return the commit where the present one left a branch, or an empty text."""
    question = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if name.startswith("-") or not git.agrees(*question):
        return ""
    commit = git.text(*question)
    return git.text("merge-base", "HEAD", commit) if git.agrees("merge-base", "HEAD", commit) else ""


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


def shown(migrations: Iterator[Migration] | tuple[Migration, ...]) -> str:
    """Name migrations for a reader."""
    return ", ".join(f"{one.app_label}.{one.name}" for one in migrations)
