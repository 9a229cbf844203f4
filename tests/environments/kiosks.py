"""A small project under git, and the commands of the harness run on it in another environment than ours."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("kiosk")
# A user id that no passwd knows, as OpenShift gives them; it may read the tests' interpreter in root's home.
NAMELESS = 1_000_650_000
_READING = "+dac_read_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """A copy of the project. `environment` is that of every command, `prefix` what each is run below."""

    folder: Path
    environment: dict[str, str]
    prefix: tuple[str, ...] = ()

    def git(self, *arguments: str) -> str:
        """Run git in the repository, as ourselves; give what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything; give the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def below(self, *prefix: str, **variables: str) -> "Kiosk":
        """Give the same project for commands below another one, with more variables."""
        return replace(self, prefix=(*self.prefix, *prefix), environment={**self.environment, **variables})

    def command(self, *arguments: str) -> list[str]:
        """Give the command line of one of the harness's commands."""
        return [*self.prefix, sys.executable, "-m", "reglab", *arguments]

    def run(self, *arguments: str, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one of the harness's commands to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=folder or self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            check=False,
        )


def outer_environment() -> dict[str, str]:
    """Give our environment without what belongs to the outer run: its repository, its database, its warnings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"GIT_|PG|PYTEST_|COV_|PYTHONDEVMODE|DATABASE_URL|DJANGO_SETTINGS_MODULE|REGLAB_|LOCUST_", name)
    }
    identity = {
        f"GIT_{role}_{what}": "a@example.test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    configuration = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return {**kept, **identity, **configuration, "PYTHONPATH": str(PROJECT), "CI": "1"}


def copied(source: Path, target: Path) -> Kiosk:
    """Copy a kiosk into a new folder."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    return Kiosk(folder=target, environment=outer_environment())


def nameless(*, uid: int = NAMELESS) -> tuple[str, ...]:
    """Give what runs a command as a user id that the system has no name for."""
    return (
        *("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"),
        *("--inh-caps", f"-all,{_READING}", "--ambient-caps", f"-all,{_READING}"),
    )


def without(*capabilities: str) -> tuple[str, ...]:
    """Give what runs a command as root that lacks some capabilities for good."""
    return ("setpriv", f"--bounding-set={','.join(f'-{name}' for name in capabilities)}", "--inh-caps=-all")


def mounted(*lines: str) -> tuple[str, ...]:
    """Give what runs a command in a mount namespace of its own, after these lines of shell."""
    return ("unshare", "--mount", "sh", "-ec", "\n".join((*lines, 'cd "$PWD"', 'exec "$@"')), "sh")


def without_namespaces() -> tuple[str, ...]:
    """Give what runs a command where no user namespace can be made."""
    return (sys.executable, "-I", "-S", str(Path(__file__).with_name("without_namespaces.py")))


def assert_one_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Hold a command's end against the contract: exit 2, a line that names the parts, no traceback."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    for part in parts:
        assert part in done.stderr, (part, done.stderr)


def left_behind(place: Path) -> list[str]:
    """Return the folders of ours in a place for temporary files."""
    return sorted(
        path.name for path in place.iterdir() if path.name.startswith(("regression-lab-", ".regression-lab-"))
    )


def prefixes(*situations: tuple[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Give situations by name."""
    return {name: tuple(prefix) for name, prefix in situations}
