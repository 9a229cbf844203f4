"""The folder that one server lives in, and the lock that says whether anybody still uses it."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reglab.errors import ServerError
from reglab.postgres.server_user import Account, temporary_places

PREFIX = "regression-lab-postgres-"
LOCK_NAME = "owner.lock"
SYSTEM_PLACE = Path("/var/lib/regression-lab")


@contextmanager
def throwaway_folder(*, account: Account, suits: Callable[[Path], bool] = lambda _: True) -> Iterator[tuple[Path, int]]:
    """Make a private folder that `account` can use; remove it in the end. Gives the folder and its lock.

    It lies in the first of the places for temporary files that `suits`. Folders that killed owners left behind are
    removed first. Raises ServerError where no place will do.
    """
    places = temporary_places()
    place = next((place for place in places if suits(place) and account.can_keep_files_in(place)), None)
    if place is None:
        tried = ", ".join(map(str, places))
        raise ServerError(
            f"no folder for the temporary files of the database server, which runs as user id {account.uid}: {tried} "
            "cannot be written, or entered, or programs cannot run there; set TMPDIR to one where they can"
        )
    sweep(place)
    # Locked before it takes its final name: a sweep in another process never sees it unlocked.
    unfinished = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=place))
    lock = try_lock(unfinished)
    folder = unfinished.with_name(unfinished.name.removeprefix("."))
    unfinished.rename(folder)
    _let_in(folder, account)
    try:
        yield folder, _held(lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(_held(lock))


def prepare_kept_folder(folder: Path, *, account: Account) -> Path:
    """Make the folder of a server that is kept between runs, and give the place where it really is.

    Root's projects often lie in a home that nobody else can enter. The home is not opened for this: the folder is then
    one of its own under /var/lib.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not account.can_enter(folder.parent):
            folder = SYSTEM_PLACE / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
            folder.mkdir(parents=True, exist_ok=True)
        _let_in(folder, account)
    except OSError as error:
        raise ServerError(
            f"{folder}: cannot be made the database's folder ({error.strerror}). "
            "Remove it if another user made it, or set DATABASE_URL."
        ) from error
    return folder


def try_lock(folder: Path) -> int | None:
    """Lock a folder for as long as the returned file descriptor, or a copy in a child, is open; None when it is in use.

    The server inherits the descriptor: a free lock means that the owner *and* every process of its server are gone,
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
    """Remove from `place` the throw-away folders whose owner was killed: made by us, and locked by nobody."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another sweep was faster
            # One without a lock's file was left half-removed: none gets this name before it is locked.
            lock = try_lock(folder) if _is_ours(folder) else None
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def runs_programs(place: Path) -> bool:
    """Tell whether programs may be run from `place`: a temporary file system is often mounted without."""
    return not os.statvfs(place).f_flag & os.ST_NOEXEC if place.is_dir() else False


def _is_ours(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()


def _let_in(folder: Path, account: Account) -> None:
    # The server's user may pass through to its own folders inside, and neither list nor write here.
    folder.chmod(0o711 if account.is_switched else 0o700)


def _held(lock: int | None) -> int:
    if lock is None:
        raise ServerError("The lock of a folder that was only just made is held by somebody else.")
    return lock
