"""Processes that own a server, to be killed, interrupted and joined by the tests."""

import json
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60.0  # generous: a busy machine is no failure
PLAIN_UID = pwd.getpwnam("daemon").pw_uid  # not root, not `nobody`, and known to the system: initdb asks for its name
THROWAWAY = "Server.throwaway()"
SCRIPT = """
import json, os, sys
from pathlib import Path
from reglab.postgres.server import Server
with {context} as server:
    facts = {{"owner_uid": os.geteuid(), "pid": server.pid, "folder": str(server.folder), "url": server.url(),
              "is_joined": server.is_joined}}
    print(json.dumps(facts), flush=True)
    sys.stdin.read()
"""


@dataclass(slots=True, kw_only=True)
class Owner:
    """A process that runs a server until its input ends, and what it told about that server."""

    process: "subprocess.Popen[str]"
    facts: dict[str, Any]

    def kill(self) -> None:
        """End the owner by SIGKILL, as an out-of-memory killer would."""
        self.process.kill()
        self.process.communicate()

    def finish(self) -> int:
        """Let the owner end by itself; give its exit code."""
        self.process.communicate()
        return self.process.returncode


def start_owner(context: str, *, prefix: Sequence[str] = ()) -> Owner:
    """Start a process that enters `context`, and wait for what it tells."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", SCRIPT.format(context=context)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.communicate()
    assert line, f"the owner ended with {process.returncode} before its server was there"
    return Owner(process=process, facts=json.loads(line))


def kept(folder: Path) -> str:
    """Give the context of a server that is kept in `folder`."""
    return f"Server.kept(Path({str(folder)!r}))"


def plain_user_prefix() -> list[str]:
    """Give what runs a command as a user id without any right of root's.

    It may read what root may read: the interpreter of the tests often lies in root's home.
    """
    capability = "+dac_read_search"
    return [
        *("setpriv", f"--reuid={PLAIN_UID}", f"--regid={PLAIN_UID}", "--clear-groups"),
        *("--inh-caps", f"-all,{capability}", "--ambient-caps", f"-all,{capability}"),
    ]


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for yet has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(is_true: Callable[[], bool], *, what: str) -> None:
    """Wait for something to become true; fail with its name after a generous time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"still waiting after {DEADLINE_SECONDS:.0f} s: {what}"
        time.sleep(0.01)
