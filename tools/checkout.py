"""Copies of this checkout: what git knows of it, and nothing that a run leaves beside it."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[1]
_LISTED: Final = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


def copy_checkout(folder: Path, *parts: str) -> None:
    """Copy the checkout's files, or those below `parts`, into `folder`. Raises CalledProcessError and OSError.

    Files that git ignores are left out: records, caches and coverage data come and go while a test copies.
    """
    listed = subprocess.run([*_LISTED, "--", *parts], cwd=PROJECT, check=True, capture_output=True, text=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in filter(None, listed.stdout.split("\0")):
        source = PROJECT / name
        if source.is_file():
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
