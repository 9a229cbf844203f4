"""Runs git in a folder, apart from the environment's other repositories, and passes its own sentence on."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reglab.errors import GitError

# A hook, `git rebase --exec` and some CI servers set these for a repository that need not be ours: in a linked work
# tree GIT_DIR would name another checkout. Those that choose a configuration stay: people set safe.directory by them.
_KEPT: Final = ("GIT_CONFIG_", "GIT_SSH", "GIT_ASKPASS", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES")
_OURS: Final = {
    "LC_ALL": "C.UTF-8",
    "GIT_OPTIONAL_LOCKS": "0",  # a read-only checkout can be asked, too
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
}
# A person's taste in output is no part of an answer.
_PLAIN: Final = (*("-c", "core.quotePath=false"), *("-c", "core.fsmonitor=false"), *("-c", "color.ui=false"))
_HEADS: Final = ("fatal: ", "error: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The git repository that holds `folder`. Paths in questions are relative to the folder."""

    folder: Path

    def ask(self, *arguments: str, given: bytes = b"", index: Path | None = None, options: Sequence[str] = ()) -> bytes:
        """Return what git prints. Raises GitError with git's own sentence where it fails.

        `index` is an index file in place of the repository's own; `options` go before the command.
        """
        done = self._run(arguments, given=given, index=index, options=options)
        if done.returncode != 0:
            raise GitError(f"git {arguments[0]} fails in {self.folder}: {_sentence(done.stderr)}")
        return done.stdout

    def text(self, *arguments: str) -> str:
        """Return the one line that git prints. Raises GitError."""
        return os.fsdecode(self.ask(*arguments)).rstrip("\n")

    def paths(self, *arguments: str) -> list[str]:
        """Return the paths that a command with `-z` prints, as the file system spells them. Raises GitError."""
        return [os.fsdecode(path) for path in self.ask(*arguments).split(b"\0") if path]

    def agrees(self, *arguments: str) -> bool:
        """Tell whether git's exit code is 0: for questions that it answers with yes or no."""
        return self._run(arguments).returncode == 0

    def refusal(self) -> str:
        """Return git's sentence where it will not work in this folder, or where there is none; else an empty text."""
        try:
            inside = self.text("rev-parse", "--is-inside-work-tree")
        except GitError as error:
            return str(error)
        return "" if inside == "true" else f"{self.folder} lies inside a git folder and is no work tree"

    def _run(
        self,
        arguments: Sequence[str],
        *,
        given: bytes = b"",
        index: Path | None = None,
        options: Sequence[str] = (),
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *_PLAIN, *options, *arguments],
                cwd=self.folder,
                input=given,
                capture_output=True,
                check=False,
                env=_environment(index),
            )
        except OSError as error:
            place = "git" if error.filename in (None, "git") else error.filename
            raise GitError(f"git cannot be started: {place}: {error.strerror}") from None


def _environment(index: Path | None) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    kept.pop("GIT_CONFIG_PARAMETERS", None)  # git's own way to hand `-c` on to a hook
    return {**kept, **_OURS, **({} if index is None else {"GIT_INDEX_FILE": str(index)})}


def _sentence(output: bytes) -> str:
    """Return what git says in one line, its advice included."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    said = " ".join(line for line in lines if line and not line.startswith("warning: "))
    for head in _HEADS:
        said = said.replace(head, "")
    return said or "it says nothing"
