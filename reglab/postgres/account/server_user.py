"""The user id that the server runs as: PostgreSQL refuses root, so root hands it to `nobody`."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from reglab.errors import ServerError

NOBODY: Final = 65534
_STAY: Final = "-"
_NO_WAY_OUT_OF_ROOT: Final = (
    "this process is root and can become no other user (a rootless container, or dropped capabilities), and PostgreSQL "
    "refuses to run as root: run the command as another user (`docker run --user 1000 …`), or leave the container "
    "CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_DAC_OVERRIDE, or set DATABASE_URL to a server that runs elsewhere"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the server runs as, and how we become that.

    `is_switched`: another user of the system. `namespace_uid`: ourselves, seen under this id inside a user namespace
    of the server's own, which takes no right that a container may lack. Neither: ourselves.
    """

    uid: int
    gid: int
    is_switched: bool
    namespace_uid: int | None = None

    @classmethod
    def of_server(cls) -> "Account":
        """Give ourselves; where we are root, `nobody`, or root seen as `nobody`. Raises ServerError for neither."""
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid(), is_switched=False)
        return _account_of_root()

    def command(self, *arguments: str) -> list[str]:
        """Give the command line that runs `arguments` as this account, sent SIGINT when the thread that starts it ends.

        `setpriv` becomes the server by exec, so that the server is a direct child. Where there is none that knows
        death signals (BusyBox's does not), a few lines of Python do the same.
        """
        if self.namespace_uid is not None:
            return _trampoline(_STAY, _STAY, str(self.namespace_uid), *arguments)
        setpriv = shutil.which("setpriv")
        if setpriv is None or Path(setpriv).resolve().name == "busybox":
            return _trampoline(str(self.uid), str(self.gid), _STAY, *arguments)
        switch = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"] if self.is_switched else []
        return [setpriv, *switch, "--pdeathsig", "INT", *arguments]

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account can go into `folder` through all its parents, by trying it."""
        if not self.is_switched:
            return os.access(folder, os.X_OK)
        return _works(self.command("/bin/sh", "-c", 'cd "$1"', "sh", str(folder)))

    def can_keep_files_in(self, place: Path) -> bool:
        """Tell whether we can make a folder in `place` that this account owns, and that both can use, by trying it."""
        if not self.can_enter(place):
            return False
        folder: Path | None = None
        try:
            folder = Path(tempfile.mkdtemp(prefix=".reglab-", dir=place))
            given = folder / "given"
            given.mkdir(mode=0o700)
            self.take(given)
            list(given.iterdir())  # without CAP_DAC_OVERRIDE not even root may
        except OSError:
            return False
        finally:
            if folder is not None:
                # By rmdir alone: what was given away cannot be listed by everybody who may remove it.
                with suppress(OSError):
                    (folder / "given").rmdir()
                with suppress(OSError):
                    folder.rmdir()
        return True

    def take(self, path: Path) -> None:
        """Make this account the owner of `path`; its parents stay as they are."""
        if self.is_switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def temporary_places() -> tuple[Path, ...]:
    """Return the standard places for temporary files; the first is the user's choice."""
    return tuple(dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))))  # noqa: S108  # folders in them are made by mkdtemp


def own_namespace(uid: int) -> Account | None:
    """Give ourselves as `uid` inside a user namespace of our own; None where the machine allows none."""
    account = Account(uid=os.geteuid(), gid=os.getegid(), is_switched=False, namespace_uid=uid)
    return account if _works(account.command("/bin/sh", "-c", ":")) else None


def uid_with_a_name() -> int | None:
    """Return a user id other than root's that the system has a name for: `nobody` where there is one."""
    try:
        return pwd.getpwuid(NOBODY).pw_uid
    except KeyError:
        return next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid), None)


@cache
def _account_of_root() -> Account:
    switched = Account(uid=NOBODY, gid=NOBODY, is_switched=True)
    if any(switched.can_keep_files_in(place) for place in temporary_places()):
        return switched
    uid = uid_with_a_name()
    namespaced = None if uid is None else own_namespace(uid)
    if namespaced is None:
        raise ServerError(_NO_WAY_OUT_OF_ROOT)
    return namespaced


def _trampoline(*arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(Path(__file__).with_name("exec_with_death_signal.py")), *arguments]


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True, cwd="/").returncode == 0
    except OSError:
        return False
