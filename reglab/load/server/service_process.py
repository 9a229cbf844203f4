"""The service on its real server: gunicorn with several workers on a free loopback port."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reglab.errors import LoadTestError
from reglab.load.http_client import Api
from reglab.load.server.access_log import ACCESS_FORMAT
from reglab.load.server.child_processes import child, tail_of, wait_for

WORKERS = 2
THREADS = 4
READY_S = 30.0
ACCESS_LOG = "access.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that we run: where it answers, and its processes."""

    origin: str
    process: subprocess.Popen[bytes]
    log: Path
    access_log: Path


def migrate(*, environment: Mapping[str, str], root: Path, log: Path) -> None:
    """Bring the database to the service's present schema. Raises LoadTestError."""
    with child(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], log=log, environment=environment, folder=root
    ) as process:
        if process.wait() != 0:
            raise LoadTestError(f"the database could not be migrated:\n{tail_of(log)}")


@contextmanager
def running_service(
    *, environment: Mapping[str, str], root: Path, folder: Path, silk: bool = False, workers: int = WORKERS
) -> Iterator[Service]:
    """Run gunicorn until the block is left. Its socket is bound here, to port 0: no other process can take the port.

    Raises LoadTestError where the service does not get ready.
    """
    log = folder / ("service-silk.log" if silk else "service.log")
    access_log = folder / ("access-silk.log" if silk else ACCESS_LOG)
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [
            *(sys.executable, "-m", "gunicorn", "service.wsgi:application"),
            *("--bind", f"fd://{listener.fileno()}"),
            *("--workers", str(workers), "--threads", str(THREADS), "--worker-class", "gthread"),
            *("--keep-alive", "75", "--backlog", "2048", "--graceful-timeout", "5", "--no-control-socket", "--preload"),
            *("--access-logfile", str(access_log), "--access-logformat", ACCESS_FORMAT),
        ]
        with child(command, log=log, environment=environment, folder=root, pass_fds=[listener.fileno()]) as process:
            api = Api(origin=origin, timeout_s=5.0)
            wait_for(lambda: _is_ready(api), what="the service", seconds=READY_S, process=process, log=log)
            api.close()
            listener.close()  # a connection to a service that is gone must be refused, not wait in our copy's queue
            yield Service(origin=origin, process=process, log=log, access_log=access_log)


def _is_ready(api: Api) -> bool:
    try:
        return api.request("GET", "/healthz/ready").status == 200
    except LoadTestError:
        return False
