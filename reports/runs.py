"""Run folders: where the stages of one run leave their records, and how a run is named and found again."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reports.collection import RUN_ID, RunError

RUNS: Final = Path("var/runs")


def new_run_id() -> str:
    """Return an id that sorts by time and is unique: `20260131T120000Z-9f86d0`."""
    return f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def create_run(root: Path = RUNS) -> Path:
    """Make a fresh run folder and return it; its name is the run's id."""
    folder = root / new_run_id()
    folder.mkdir(parents=True, exist_ok=False)
    return folder


def run_folders(root: Path = RUNS) -> list[Path]:
    """Return the run folders there are, the latest last."""
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if RUN_ID.match(folder.name) and folder.is_dir())


def find_run(name: str, root: Path = RUNS) -> Path:
    """Find a run by its folder, its id, a prefix that only one id has, or `latest`. Raises RunError."""
    if os.sep in name or Path(name).is_dir():
        return _checked(Path(name))
    folders = run_folders(root)
    if name == "latest":
        if not folders:
            raise RunError(f"{root}: there is no run yet; `python manage.py gate` makes one")
        return folders[-1]
    matching = [folder for folder in folders if name and folder.name.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise RunError(f"{name!r} begins {len(matching)} run ids in {root}; write more of it, or `latest`")
    raise RunError(f"{name!r} is neither a folder nor a run in {root}; `python -m reports list` names those there are")


def _checked(folder: Path) -> Path:
    if folder.is_file():
        raise RunError(f"{folder}: is a file; name the run folder that holds it")
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such run folder; `python -m reports list` names those there are")
    return folder
