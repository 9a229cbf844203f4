"""The copy of the service that a peer looks at, always in the same folder: some peers remember paths."""

import shutil
from pathlib import Path

from tools.planted.copies import planted_copy
from tools.scoreboard.changes import Change


def changed_copy(change: Change, *, state: Path) -> Path:
    """Return a fresh copy of the service with the change in it, in place of the last one. Raises PatchError."""
    root = state / "copies"
    shutil.rmtree(root, ignore_errors=True)
    return planted_copy(root / change.folder, change.patch)
