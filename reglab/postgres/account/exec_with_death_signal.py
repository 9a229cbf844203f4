"""Becomes a program as another user id, sent SIGINT when its parent dies: for where setpriv is missing or cannot.

Run as a script: `python exec_with_death_signal.py UID GID NAMESPACE-UID PROGRAM ARGUMENT…`; `-` keeps what we are.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
CLONE_NEWUSER = 0x10000000  # <linux/sched.h>
STAY = "-"


def become(*, uid: str, gid: str, namespace_uid: str, command: list[str]) -> None:
    """Replace this process by `command`. The death signal comes last: a change of user id clears it."""
    if namespace_uid != STAY:
        _enter_namespace(int(namespace_uid))
    elif uid != STAY and os.geteuid() != int(uid):
        os.setgroups([])
        os.setresgid(int(gid), int(gid), int(gid))
        os.setresuid(int(uid), int(uid), int(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    os.execv(command[0], command)  # noqa: S606  # becoming the server is the purpose; no shell is involved


def _enter_namespace(uid: int) -> None:
    """Be seen as `uid` by ourselves; to everybody else, and on disk, we stay who we are. user_namespaces(7)."""
    ours, our_group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"no user namespace of our own: {os.strerror(number)}")
    for name, text in (
        ("uid_map", b"%d %d 1" % (uid, ours)),
        ("setgroups", b"deny"),
        ("gid_map", b"%d %d 1" % (uid, our_group)),
    ):
        # Nothing is imported any more: rights that opened the standard library's folder may have been left behind.
        file = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(file, text)
        os.close(file)


if __name__ == "__main__":
    become(uid=sys.argv[1], gid=sys.argv[2], namespace_uid=sys.argv[3], command=sys.argv[4:])
