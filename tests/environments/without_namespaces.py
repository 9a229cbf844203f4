"""Runs a command where no user namespace can be made, as in a container whose seccomp profile forbids it.

Run as root: `python without_namespaces.py COMMAND ARGUMENT…`. Every user id stays what it is.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # <linux/sched.h>


def main(command: list[str]) -> int:
    """Become the command in a namespace that maps every id to itself and allows no other below it."""
    entered, mapped = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
            os._exit(99)
        os.write(entered[1], b"x")
        os.read(mapped[0], 1)
        os.setgid(0)
        os.setuid(0)
        Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")
        os.execvp(command[0], command)  # noqa: S606  # becoming the command is the purpose
    os.read(entered[0], 1)
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{child}/{name}").write_text("0 0 65536", encoding="ascii")
    os.write(mapped[1], b"x")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
