"""Becomes a program under another user id, sent SIGINT when its parent dies: for where setpriv is missing.

Run as a script: `python exec_with_death_signal.py UID GID PROGRAM ARGUMENT…`.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def become(*, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by `command`. The death signal comes last: a change of user id clears it."""
    if os.geteuid() != uid:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    os.execv(command[0], command)  # noqa: S606  # becoming the server is the purpose; no shell is involved


if __name__ == "__main__":
    become(uid=int(sys.argv[1]), gid=int(sys.argv[2]), command=sys.argv[3:])
