"""The revision that a change starts from, and the migrations that it does not have."""

import ast
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
        return self.git.agrees("cat-file", "-e", self._name_of(path))

    def text_of(self, path: Path) -> str:
        """Return a file as it was. Raises GitError where it was not there."""
        return self.git.text("show", self._name_of(path))

    def changed(self) -> frozenset[Path]:
        """Return the files that are not as they were, committed or not."""
        names = self.git.text("diff", "--name-only", "-z", "--relative", self.commit, "--", ".").split("\0")
        return frozenset((self.folder / name).resolve() for name in names if name)

    def _name_of(self, path: Path) -> str:
        return f"{self.commit}:./{path.resolve().relative_to(self.folder.resolve()).as_posix()}"

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
    if git.agrees("check-ignore", "--quiet", "."):
        raise AuditError(f"the base's migrations are taken from git, and the repository around {folder} ignores it")
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
    return tuple(migration for migration, path in _own_migrations(base) if not base.has(path))


def edited_migrations(base: BaseRevision) -> tuple[Migration, ...]:
    """Return the migrations that the base has, too, and that say something else now: not layout or comments alone."""
    changed = base.changed()
    return tuple(
        migration
        for migration, path in _own_migrations(base)
        if path in changed and base.has(path) and _tree(path.read_text("utf-8")) != _tree(base.text_of(path))
    )


def _tree(source: str) -> str:
    return ast.dump(ast.parse(source))


def _own_migrations(base: BaseRevision) -> Iterator[tuple[Migration, Path]]:
    """Give the migrations below the present folder in the order of their graph, each with its file."""
    graph = MigrationLoader(connection).graph
    plan: dict[tuple[str, str], None] = {}
    for leaf in graph.leaf_nodes():
        plan.update(dict.fromkeys(graph.forwards_plan(leaf)))
    for migration in (graph.nodes[key] for key in plan):
        file = getattr(sys.modules.get(type(migration).__module__), "__file__", None)
        path = Path(file).resolve() if file else None
        if migration is None or path is None or not path.is_relative_to(base.folder.resolve()):
            continue
        if not {"site-packages", "dist-packages"} & set(path.parts):
            yield migration, path


def shown(migrations: Iterator[Migration] | tuple[Migration, ...]) -> str:
    """Name migrations for a reader."""
    return ", ".join(f"{one.app_label}.{one.name}" for one in migrations)
