"""The user id that the server runs as: PostgreSQL refuses root, so root hands it to `nobody`."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the server runs as, and whether that is somebody else than we are."""

    uid: int
    gid: int
    is_switched: bool

    @classmethod
    def of_server(cls) -> "Account":
        """Give ourselves, or `nobody` where we are root."""
        if os.geteuid() == 0:
            return cls(uid=NOBODY, gid=NOBODY, is_switched=True)
        return cls(uid=os.geteuid(), gid=os.getegid(), is_switched=False)

    def command(self, *arguments: str) -> list[str]:
        """Give the command line that runs `arguments` as this account, sent SIGINT when the thread that starts it ends.

        `setpriv` becomes the server by exec, so that the server is a direct child. Where there is none that knows
        death signals (BusyBox's does not), a few lines of Python do the same.
        """
        setpriv = shutil.which("setpriv")
        if setpriv is None or Path(setpriv).resolve().name == "busybox":
            trampoline = str(Path(__file__).with_name("exec_with_death_signal.py"))
            return [sys.executable, "-I", "-S", trampoline, str(self.uid), str(self.gid), *arguments]
        switch = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"] if self.is_switched else []
        return [setpriv, *switch, "--pdeathsig", "INT", *arguments]

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account can go into `folder` through all its parents, by trying it."""
        if not self.is_switched:
            return os.access(folder, os.X_OK)
        probe = self.command("/bin/sh", "-c", 'cd "$1"', "sh", str(folder))
        return subprocess.run(probe, check=False, capture_output=True, cwd="/").returncode == 0

    def take(self, path: Path) -> None:
        """Make this account the owner of `path`; its parents stay as they are."""
        if self.is_switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
