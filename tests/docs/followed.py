"""Follows a page word for word in a repository: its blocks in their order, and what it shows of each command."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.documented import FENCE, ROOT
from tools.checkout import copy_checkout

# What a user has of this repository who knows nothing of how the package is made.
PARTS = ("service", "bench", "loadtests", "reports", "manage.py", "pyproject.toml", ".gitattributes", ".gitignore")
# What the tests set for themselves, and a reader has not.
OF_THE_TESTS = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SERVICE_ENVIRONMENT", "EXTRA_APPS", "PYTHONDEVMODE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page: its language, and its text."""

    language: str
    text: str


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page of the docs, in their order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return [Block(language=language, text=block) for language, block in FENCE.findall(text)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A git repository with the orders service, and the commands of the package on the path.

    `variables` are added to the environment of each command.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, *, variables: Mapping[str, str] | None = None) -> "Repository":
        """Copy what is tracked here, as the first commit of main."""
        copy_checkout(folder, *PARTS)
        made = cls(folder=folder, variables=variables or {})
        made.git("init", "--quiet", "--initial-branch=main")
        made.git("add", "--all")
        made.git("commit", "--quiet", "--message", "The orders service")
        return made

    def git(self, *words: str) -> str:
        """Run git, and return what it prints. Raises CalledProcessError."""
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=self._environment(), check=True, capture_output=True, text=True
        )
        return done.stdout

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line as a reader would paste it."""
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.folder,
            env=self._environment(),
            check=False,
            # In the order in which a terminal shows them.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def apply(self, diff: str) -> None:
        """Apply a diff as it stands in a page."""
        done = subprocess.run(
            ["git", "apply", "-"],
            cwd=self.folder,
            env=self._environment(),
            input=diff,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{done.stderr}\n{diff}"

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        return {
            **{name: value for name, value in kept.items() if not name.startswith(("GIT_", "PYTEST_", "COV_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{f"GIT_{who}_NAME": "Reader" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "reader@example.test" for who in ("AUTHOR", "COMMITTER")},
            "NO_COLOR": "1",
            **self.variables,
        }


def follow(page: str, repository: Repository) -> None:
    """Do what each block of a page says.

    `diff` is applied; `sh` is run and ends with 0; of `console` each line behind "$ " is run, what it prints holds the
    lines below it in their order, and it ends with 0 where `echo $?` does not show another code.
    """
    for block in blocks_of(page):
        if block.language == "diff":
            repository.apply(block.text)
        elif block.language == "sh":
            done = repository.shell(block.text)
            assert done.returncode == 0, f"{block.text}\n{done.stdout}"
        elif block.language == "console":
            _converse(block.text, repository)
        else:
            raise AssertionError(f"{page}: nobody follows a block of {block.language!r}")


def _converse(text: str, repository: Repository) -> None:
    commands: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        elif line.strip():
            commands[-1][1].append(line)
    for number, (command, shown) in enumerate(commands):
        if command == "echo $?":
            continue
        done = repository.shell(command)
        following = commands[number + 1] if number + 1 < len(commands) else ("", [])
        code = int(following[1][0]) if following[0] == "echo $?" else 0
        printed = done.stdout
        assert done.returncode == code, f"$ {command}\nends with {done.returncode}, the page shows {code}\n{printed}"
        _assert_shown(shown, printed, command=command)


def _assert_shown(shown: list[str], printed: str, *, command: str) -> None:
    """Hold what was printed against the lines of a page, each in its order; how lines are broken does not count."""
    left = " ".join(printed.split())
    for line in shown:
        wanted = " ".join(line.split())
        assert wanted in left, f"$ {command}\ndoes not print: {line}\n{printed}"
        left = left.partition(wanted)[2]
