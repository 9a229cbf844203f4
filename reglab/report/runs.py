"""Run folders: where the stages of one run leave their records, and how a run is named and found again."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reglab.console import Console
from reglab.errors import RunError

RUN_ID: Final = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")
RUNS: Final = Path("var/runs")
STAGES: Final = "stages.json"
LEDGER_PATCH: Final = "ledger.patch"


def new_run_id() -> str:
    """Return an id that sorts by time and is unique: `20260131T120000Z-9f86d0`."""
    return f"{datetime.now(tz=UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def create_run(root: Path = RUNS) -> Path:
    """Make a fresh run folder and return it; its name is the run's id. Git ignores the folder that is made for all."""
    folder = root / new_run_id()
    is_first = not root.parent.exists()
    folder.mkdir(parents=True, exist_ok=False)
    if is_first:
        # Runs are no part of a project's history; a folder that was there is somebody's own.
        (root.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


@contextmanager
def run_folder(named: Path | None, root: Path, *, console: Console) -> Iterator[Path]:
    """Give the run folder that was named, or a new one below `root`; elsewhere, and said, where that is read-only.

    Raises RunError where the named one cannot be used.
    """
    if named is not None:
        try:
            named.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{named}: is no folder that a run could be written into ({error.strerror})") from None
        yield named
        return
    try:
        folder = create_run(root)
    except OSError as error:
        folder = create_run(Path(tempfile.mkdtemp(prefix="reglab-runs-")))
        console.warn(f"{root}: cannot be written ({error.strerror}); this run is in {folder}")
    try:
        yield folder
    except BaseException:
        # A start that was refused, for a misspelt option or a broken suite, is no run that anybody would look at.
        with suppress(OSError):
            folder.rmdir()
        raise


def declare_stages(folder: Path, instruments: Sequence[str]) -> None:
    """Write down, before the first starts, which stages a run has: each of them must leave its record."""
    (folder / STAGES).write_text(f"{json.dumps({'started': list(instruments)})}\n", encoding="utf-8")


def declared_stages(folder: Path) -> tuple[str, ...]:
    """Return the instruments whose stages a gate has started in this folder; none where no gate did.

    Raises RunError where the list cannot be read: what must be there would not be known.
    """
    path = folder / STAGES
    try:
        return tuple(str(name) for name in json.loads(path.read_text(encoding="utf-8"))["started"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: cannot be read ({error}); run the gate again") from None


def ledger_patch(folder: Path) -> str:
    """Return the change that would accept what the work audit of a run measured; empty where there is none."""
    path = folder / LEDGER_PATCH
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What the command that made a run said of it."""

    outcome: str
    summary: str


def concluded(folder: Path) -> Concluded | None:
    """Return what was concluded of a run in its folder; none where nobody has judged it, or not to the end."""
    try:
        verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
        return Concluded(outcome=str(verdict["outcome"]), summary=str(verdict["summary"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
            raise RunError(f"{root}: there is no run yet; `reglab gate` makes one")
        return folders[-1]
    matching = [folder for folder in folders if name and folder.name.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise RunError(f"{name!r} begins {len(matching)} run ids in {root}; write more of it, or `latest`")
    raise RunError(f"{name!r} is neither a folder nor a run in {root}; `reglab report list` names those there are")


def _checked(folder: Path) -> Path:
    if folder.is_file():
        raise RunError(f"{folder}: is a file; name the run folder that holds it")
    if not folder.is_dir():
        raise RunError(f"{folder}: there is no such run folder; `reglab report list` names those there are")
    return folder
