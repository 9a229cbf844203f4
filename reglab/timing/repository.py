"""The git repository that holds the subject: names to commits, and commits to folders."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reglab.errors import ComparisonError, GitError
from reglab.git import files
from reglab.git.command import Git
from reglab.git.large_files import fill_pointers
from reglab.git.links import settle_links

_FILES_NAMED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A folder inside a git work tree; `paths` are the subject's, relative to the folder."""

    folder: Path
    paths: tuple[str, ...]

    @property
    def git(self) -> Git:
        """Git in the folder."""
        return Git(folder=self.folder)

    def commit(self, name: str) -> str:
        """Return the commit that a branch, tag or abbreviation names. Raises ComparisonError where there is none."""
        if refusal := self.git.refusal():
            raise ComparisonError(f"a comparison takes its baseline from git: {refusal}")
        question = ("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if name.startswith("-") or not self.git.agrees(*question):
            is_shallow = self.git.text("rev-parse", "--is-shallow-repository") == "true"
            advice = (
                "this is a shallow clone: git fetch --unshallow, or a depth of 0 in CI" if is_shallow else "git fetch"
            )
            raise ComparisonError(f"there is no revision {name!r} in {self.folder}; {advice} brings what is elsewhere")
        return self.git.text(*question)

    def changes(self) -> tuple[str, ...]:
        """Return the subject's files that differ from the checked out commit, untracked ones included."""
        entries = self.git.paths(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *self.paths
        )
        return tuple(entry[3:] for entry in entries)

    def export(self, commit: str, target: Path) -> None:
        """Write the subject as it was at a commit into `target`. Raises ComparisonError where a path was not there."""
        missing = [path for path in self.paths if not self.git.agrees("cat-file", "-e", f"{commit}:./{path}")]
        if missing:
            raise ComparisonError(
                f"the revision {commit[:12]} has no {' and no '.join(missing)}: it is not this subject"
            )
        files.export(self.git, commit, self.paths, target)

    def snapshot(self, target: Path) -> None:
        """Copy the subject as it lies in the work tree, so that an edit during the comparison changes nothing."""
        files.snapshot(self.git, self.paths, target)
        if not any(target.iterdir()):
            raise ComparisonError(
                f"{self.folder} holds no {' and no '.join(self.paths)}: name the subject in the suite"
            )

    def settle(self, *targets: Path) -> tuple[str, ...]:
        """Let exports stand by themselves: links, ignored files, large files. Return notes on what is not here."""
        files.complete(self.git, self.paths, targets)
        notes = []
        for target in targets:
            settle_links(target, self.folder.resolve())
            if missing := fill_pointers(self.git, target):
                named = ", ".join(missing[:_FILES_NAMED])
                notes.append(
                    f"pointers of Git LFS on the side of the {target.name}, their content is not on this machine: "
                    f"{named} (git lfs fetch --all brings it)"
                )
        return tuple(notes)

    def commits(self, *, good: str, bad: str) -> tuple[str, ...]:
        """Return the commits after `good` up to `bad` that touch the subject, oldest first, along first parents."""
        if not self.git.agrees("merge-base", "--is-ancestor", good, bad):
            raise ComparisonError(
                f"{good[:12]} is no ancestor of {bad[:12]}: name the good revision first, then the bad"
            )
        listed = self.git.text("rev-list", "--reverse", "--first-parent", f"{good}..{bad}", "--", *self.paths)
        return tuple(listed.split())

    def title(self, commit: str) -> str:
        """Return a commit as a person calls it: the abbreviated hash and its subject line."""
        return self.git.text("log", "-1", "--format=%h %s", commit).strip()

    def file_at(self, commit: str, path: Path) -> bytes | None:
        """Return a file's content at a commit, or None where it was not there or lies outside of the repository."""
        try:
            return self.git.ask("cat-file", "blob", f"{commit}:./{os.path.relpath(path, self.folder.resolve())}")
        except GitError:
            return None


def same_files(first: Path, second: Path) -> bool:
    """Return whether two exported subjects hold the same files with the same bytes."""
    return _contents(first) == _contents(second)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in _files(folder)
    }


def _files(folder: Path) -> Sequence[Path]:
    """Return files and links; what a link leads to outside of the folder is the same for both."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and "__pycache__" not in path.parts
    ]
