"""Copies of small projects, and `reglab` run in them as their users would."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A copy of a project, and what its commands print there."""

    folder: Path

    @classmethod
    def copied(cls, source: Path, target: Path) -> "Site":
        """Copy a project, so that what is written stays out of the tree."""
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder=target)

    def run(self, *arguments: str, hash_seed: int = 0) -> "subprocess.CompletedProcess[str]":
        """Run `reglab` in the project's folder, as its user would."""
        outer = {
            name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}
        }
        return subprocess.run(
            [sys.executable, "-m", "reglab", *arguments],
            cwd=self.folder,
            env={**outer, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": str(hash_seed), "CI": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
