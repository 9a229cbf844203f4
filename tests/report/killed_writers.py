"""Writes runs into one history from 200 children that are killed at random points; prints what was acknowledged."""

import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from reglab.report.history.store import History
from reglab.report.verdict import Verdict
from tests.report.examples import healthy

KILLS = 200


def append_runs(history: History, verdict: Verdict, child: int, acknowledge: int) -> None:
    """Append run after run; a run's name is written only after the history said that it is there."""
    for number in range(10_000):
        name = f"run-{child}-{number}"
        history.append(replace(verdict, run=name))
        os.write(acknowledge, f"{name}\n".encode())


def kill_one(history: History, verdict: Verdict, child: int, chance: random.Random) -> bytes:
    """Start a child, kill it at a random moment, return the names that it acknowledged."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        append_runs(history, verdict, child, writing)
    os.close(writing)
    time.sleep(chance.uniform(0.0, 0.08))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    with os.fdopen(reading, "rb") as acknowledged:
        return acknowledged.read()


def main() -> None:
    """Kill 200 writers, one after another, each in the middle of something."""
    history, chance = History(Path(sys.argv[1])), random.Random(6)  # noqa: S311 -- moments to kill at, not secrets
    verdict = healthy()  # made once, so that the children spend their short lives in the history
    for child in range(KILLS):
        sys.stdout.buffer.write(kill_one(history, verdict, child, chance))


if __name__ == "__main__":
    main()
