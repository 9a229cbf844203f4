"""The git repository that holds the subject: names to commits, and commits to folders."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reglab.errors import ComparisonError


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A folder inside a git work tree; `paths` are the subject's, relative to the folder."""

    folder: Path
    paths: tuple[str, ...]

    def commit(self, name: str) -> str:
        """Return the commit that a branch, tag or abbreviation names. Raises ComparisonError where there is none."""
        if self._git("rev-parse", "--is-inside-work-tree") is None:
            raise ComparisonError(f"{self.folder} is no git work tree: a comparison takes its baseline from git")
        found = None if name.startswith("-") else self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if found is None:
            raise ComparisonError(
                f"there is no revision {name!r} in {self.folder} (in a shallow clone, fetch it first: "
                "git fetch --unshallow)"
            )
        return found.decode().strip()

    def changes(self) -> tuple[str, ...]:
        """Return the subject's files that differ from the checked out commit, untracked ones included."""
        status = self._required(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *self.paths
        )
        return tuple(entry[3:].decode(errors="replace") for entry in status.split(b"\0") if entry)

    def export(self, commit: str, target: Path) -> None:
        """Write the subject as it was at a commit into `target`. Raises ComparisonError where a path was not there."""
        missing = [path for path in self.paths if self._git("cat-file", "-e", f"{commit}:./{path}") is None]
        if missing:
            raise ComparisonError(
                f"the revision {commit[:12]} has no {' and no '.join(missing)}: it is not this subject"
            )
        archive = self._required("archive", "--format=tar", commit, "--", *self.paths)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(target, filter="data")

    def snapshot(self, target: Path) -> None:
        """Copy the subject as it lies in the work tree, so that an edit during the comparison changes nothing."""
        listed = self._required("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *self.paths)
        for name in filter(None, listed.decode().split("\0")):
            source = self.folder / name
            if source.is_file():
                copy = target / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, copy)
        if not any(target.iterdir()):
            raise ComparisonError(
                f"{self.folder} holds no {' and no '.join(self.paths)}: name the subject in the suite"
            )

    def commits(self, *, good: str, bad: str) -> tuple[str, ...]:
        """Return the commits after `good` up to `bad` that touch the subject, oldest first, along first parents."""
        if self._git("merge-base", "--is-ancestor", good, bad) is None:
            raise ComparisonError(
                f"{good[:12]} is no ancestor of {bad[:12]}: name the good revision first, then the bad"
            )
        listed = self._required("rev-list", "--reverse", "--first-parent", f"{good}..{bad}", "--", *self.paths)
        return tuple(listed.decode().split())

    def title(self, commit: str) -> str:
        """Return a commit as a person calls it: the abbreviated hash and its subject line."""
        return self._required("log", "-1", "--format=%h %s", commit).decode(errors="replace").strip()

    def _required(self, *arguments: str) -> bytes:
        answer = self._git(*arguments)
        if answer is None:
            raise ComparisonError(f"git {' '.join(arguments[:2])} failed in {self.folder}")
        return answer

    def _git(self, *arguments: str) -> bytes | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, check=False)
        except OSError as error:
            raise ComparisonError(f"git cannot be started: {error.strerror}; a comparison needs it") from None
        return done.stdout if done.returncode == 0 else None


def same_files(first: Path, second: Path) -> bool:
    """Return whether two exported subjects hold the same files with the same bytes."""
    return _contents(first) == _contents(second)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Sequence[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
