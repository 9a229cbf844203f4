"""The server of the database, killed, stopped where it stands, and started again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from reglab.errors import ServerError
from reglab.postgres.server import Server

RESTART_S = 30.0


def is_running(server: Server) -> bool:
    """Tell whether a server's first process is there."""
    try:
        return psutil.pid_exists(server.pid)
    except (OSError, ValueError, IndexError):
        # It has removed its file.
        return False


def start_again(server: Server) -> None:
    """Start a killed server, as soon as its last processes have gone."""
    deadline = time.monotonic() + RESTART_S
    while True:
        try:
            server.restart()
        except ServerError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Stop all processes of a server where they stand, and let them go on afterwards."""
    first = psutil.Process(server.pid)
    processes = [first, *first.children()]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
