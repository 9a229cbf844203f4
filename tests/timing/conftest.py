"""A tiny shop in a git repository of its own, and the commands run on it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
POLICY = Path(__file__).with_name("shop_policy.toml")
COMPARE = """
[compare]
subject = ["catalogue", "shop_settings.py", "shop_urls.py"]
scenarios = ["search"]
sizes = { books = 4 }

[bindings.book]"""
SLOW = "    found = Book.objects.filter(blurb"
VIEWS = "catalogue/views.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A copy of the shop under git; `environment` is that of every command."""

    folder: Path
    environment: dict[str, str]

    def git(self, *arguments: str) -> str:
        """Run git in the repository; give what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def replace(self, before: str, after: str, *, path: str = VIEWS) -> None:
        """Change a file; what is replaced must be there."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit everything; give the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def command(self, *arguments: str) -> list[str]:
        """Give the command line of one of the harness's commands on this shop."""
        policy = ["--settings", "shop_settings", "--suite", "shop.toml", "--policy", str(POLICY)]
        return [sys.executable, "-m", "reglab", *arguments, *policy]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of the harness's commands to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Make the repository with its first commit."""
    folder = tmp_path_factory.mktemp("paired") / "shop"
    shutil.copytree(
        PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__", "shop-ledger")
    )
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.test", "GIT_CONFIG_GLOBAL": os.devnull}
    identity |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.test", "GIT_CONFIG_SYSTEM": os.devnull}
    # Neither the outer repository's variables (a hook's) nor a database of the outer run reach the shop.
    outer = {
        name: value for name, value in os.environ.items() if not re.match(r"GIT_|SHOP_DATABASE|PYTHONDEVMODE", name)
    }
    shop = Shop(folder=folder, environment={**outer, **identity, "PYTHONPATH": str(PROJECT), "CI": "1"})
    shop.replace("\n[bindings.book]", COMPARE, path="shop.toml")
    (folder / ".gitignore").write_text("__pycache__/\nvar/\n*.sqlite3\n", encoding="utf-8")
    shop.git("init", "--quiet", "--initial-branch=main")
    shop.commit("The shop")
    shop.git("tag", "first")
    return shop


@pytest.fixture
def shop(original: Shop, tmp_path: Path) -> Shop:
    """Copy the repository for one test."""
    folder = tmp_path / "shop"
    shutil.copytree(original.folder, folder)
    return Shop(folder=folder, environment=original.environment)


@pytest.fixture
def interrupted() -> Iterator[list[subprocess.Popen[str]]]:
    """Collect processes that a test starts; end those that it leaves."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
