"""The folder that one server lives in, and the lock that says whether anybody still uses it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reglab.errors import ServerError
from reglab.own_folders import own_folder, prefix_of
from reglab.postgres.account.server_user import Account, temporary_places

PREFIX = prefix_of("postgres")
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
    with own_folder("postgres", place=place) as (folder, lock):
        _let_in(folder, account)
        yield folder, lock


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


def runs_programs(place: Path) -> bool:
    """Tell whether programs may be run from `place`: a temporary file system is often mounted without."""
    return not os.statvfs(place).f_flag & os.ST_NOEXEC if place.is_dir() else False


def _let_in(folder: Path, account: Account) -> None:
    # The server's user may pass through to its own folders inside, and neither list nor write here.
    folder.chmod(0o711 if account.is_switched else 0o700)
