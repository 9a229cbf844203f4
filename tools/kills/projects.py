"""The projects whose commands are killed: the tests' kiosk with an accepted ledger, and the tests' shop for load."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_OUTER: Final = re.compile(
    r"GIT_|PG|PYTEST_|COV_|PYTHONDEVMODE|DATABASE_URL|DJANGO_|REGLAB_|SERVICE_ENVIRONMENT|LOCUST_"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """Folders of the projects, and the environment of their commands."""

    folder: Path
    root: Path
    environment: dict[str, str]

    @classmethod
    @contextmanager
    def made(cls, root: Path) -> Iterator["Projects"]:
        """Make them in a temporary folder. Raises OSError where the kiosk cannot be audited."""
        kept = {name: value for name, value in os.environ.items() if not _OUTER.match(name)}
        identity = {
            f"GIT_{who}_{what}": "a@example.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        environment = {**kept, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "PYTHONPATH": str(root), "CI": "1"}
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            made = cls(folder=Path(folder), root=root, environment=environment)
            made._make_kiosk()
            yield made

    @property
    def kiosk(self) -> Path:
        """The kiosk."""
        return self.folder / "kiosk"

    def load(self) -> tuple[Path, dict[str, str]]:
        """Return the folder of the shop's load test, and its variables."""
        shop = self.root / "tests" / "load" / "shop"
        path = os.pathsep.join(map(str, (shop, self.root / "tests" / "projects" / "shop", self.root)))
        return shop, {"PYTHONPATH": path}

    def _make_kiosk(self) -> None:
        shutil.copytree(
            self.root / "tests" / "environments" / "kiosk", self.kiosk, ignore=shutil.ignore_patterns("__pycache__")
        )
        for command in (
            ["git", "init", "--quiet", "--initial-branch=main"],
            [sys.executable, "-m", "reglab", "audit", "--accept", "the first"],
            ["git", "add", "--all"],
            ["git", "commit", "--quiet", "--message", "The kiosk"],
        ):
            done = subprocess.run(
                command, cwd=self.kiosk, env=self.environment, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise OSError(f"{' '.join(command)} ends with {done.returncode}: {done.stdout}{done.stderr}")
