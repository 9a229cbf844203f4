"""Temporary folders of this package, each with a lock that says whether anybody still uses it.

A killed command leaves its folders behind. The next command of this user that makes one removes them.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "regression-lab-"
# By name: a folder that a person has called regression-lab-something is none of ours.
KINDS: Final = ("postgres", "audit", "base", "bisect", "compare", "draft")
LOCK_NAME: Final = "owner.lock"


@contextmanager
def own_folder(kind: str, *, place: Path | None = None) -> Iterator[tuple[Path, int]]:
    """Make a private folder in `place` (by default the temporary one) and remove it in the end.

    Gives the folder and the descriptor of its lock. Raises OSError.
    """
    place = place or Path(tempfile.gettempdir())
    sweep(place)
    # Locked before it takes its final name: a sweep in another process never sees it unlocked.
    unfinished = Path(tempfile.mkdtemp(prefix=f".{prefix_of(kind)}", dir=place))
    lock = try_lock(unfinished)
    if lock is None:
        raise BlockingIOError(f"the lock of {unfinished}, which was only just made, is held by another process")
    folder = unfinished.with_name(unfinished.name.removeprefix("."))
    unfinished.rename(folder)
    try:
        yield folder, lock
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def prefix_of(kind: str) -> str:
    """Return how the names of a kind of folder begin."""
    assert kind in KINDS, kind  # noqa: S101  # a kind that no sweep knows would stay for ever
    return f"{_PREFIX}{kind}-"


def try_lock(folder: Path) -> int | None:
    """Lock a folder for as long as the returned file descriptor, or a copy in a child, is open; None when it is in use.

    A server inherits the descriptor: a free lock means that the owner *and* every process of its server are gone,
    whatever a process id in a left-over file seems to say.
    """
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def sweep(place: Path) -> None:
    """Remove from `place` the folders whose owner was killed: made by us, and locked by nobody."""
    for kind in KINDS:
        for folder in place.glob(f"{prefix_of(kind)}*"):
            with suppress(OSError):  # another sweep was faster
                # One without a lock's file was left half-removed: none gets this name before it is locked.
                lock = try_lock(folder) if _is_ours(folder) else None
                if lock is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    os.close(lock)


def _is_ours(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
