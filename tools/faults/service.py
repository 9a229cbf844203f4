"""Runs the service on its real server, with its one server configuration, as a child that ends with us."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.faults.client import Client, Unanswered

ROOT = Path(__file__).resolve().parents[2]
READY_S = 60.0
# Not for processes under load: development mode checks every allocation.
UNWANTED = ("PYTHONDEVMODE", "PYTHONWARNINGS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service: its port, its first process, and where its log is."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def workers(self) -> list[psutil.Process]:
        """Return the worker processes that there are now."""
        with suppress(psutil.NoSuchProcess):
            return list(psutil.Process(self.process.pid).children())
        return []

    def kill_worker(self, number: int) -> bool:
        """Kill one worker; tell whether there was one."""
        workers = self.workers()
        if not workers:
            return False
        with suppress(psutil.NoSuchProcess):
            workers[number % len(workers)].kill()
        return True

    def reload(self) -> None:
        """Replace the workers one after the other, as a deployment does."""
        self.process.send_signal(signal.SIGHUP)

    def server_errors(self) -> list[str]:
        """Return the lines of the log that tell of an unexpected exception."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return [
            line for line in text.splitlines() if "Internal Server Error" in line or "Error handling request" in line
        ]


def migrate(url: str) -> None:
    """Bring a database to the service's schema."""
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment(url), check=True)


def environment(url: str, **variables: str) -> dict[str, str]:
    """Return the environment of a service on this database."""
    inherited = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    return {
        **inherited,
        "SERVICE_ENVIRONMENT": "test",
        "DATABASE_URL": url,
        "CONN_MAX_AGE": "60",
        "EXTRA_APPS": "",
        **variables,
    }


@contextmanager
def running_service(url: str, *, folder: Path, wait: bool = True, **variables: str) -> Iterator[Service]:
    """Run the service until the block is left."""
    log = folder / "service.log"
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener, log.open("ab") as output:
        process = subprocess.Popen(
            [
                *_death_signal(),
                *(sys.executable, "-m", "gunicorn", "-c", "python:service.server.config", "service.wsgi"),
                *("--bind", f"fd://{listener.fileno()}"),
            ],
            cwd=ROOT,
            env=environment(url, **variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        port: int = listener.getsockname()[1]
    try:
        if wait:
            wait_until_ready(port)
        yield Service(port=port, process=process, log=log)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_ready(port: int, *, seconds: float = READY_S) -> float:
    """Wait for readiness; return how long it took. Raises TimeoutError."""
    started = time.monotonic()
    while True:
        with suppress(Unanswered):
            if Client(port, timeout_s=3).get("/healthz/ready").status == 200:
                return time.monotonic() - started
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"the service is not ready after {seconds:.0f} s")
        time.sleep(0.05)


def _death_signal() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
