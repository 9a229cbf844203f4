"""The servers that a project needs beside its database: a redis of its own, and Debian's PostgreSQL."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from tools.field.errors import FieldError
from tools.field.projects import Project

READY_SECONDS_MAX: Final = 10.0
_POLL_SECONDS: Final = 0.05
_DEBIAN_POSTGRESQL: Final = Path("/usr/lib/postgresql")


@contextmanager
def services(project: Project) -> Iterator[dict[str, str]]:
    """Run what the project needs, and give the environment variables that lead to it.

    PostgreSQL is only looked for: the harness is expected to find the system's own where its wheel is not enough.
    Raises FieldError with the Debian package that is missing.
    """
    if "postgresql" in project.needs and not any(_DEBIAN_POSTGRESQL.glob("*/bin/postgres")):
        raise FieldError(f"{project.name} needs a PostgreSQL with ICU: `apt-get install postgresql`")
    if "redis" not in project.needs:
        yield {}
        return
    with _redis(project) as port:
        yield {project.redis_port: str(port)}


@contextmanager
def _redis(project: Project) -> Iterator[int]:
    program = shutil.which("redis-server")
    if program is None:
        raise FieldError(f"{project.name} needs redis: `apt-get install redis-server`")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="field-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, process, project=project)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], *, project: Project) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(_POLL_SECONDS)
    raise FieldError(f"{project.name}: redis-server does not answer on 127.0.0.1:{port}; expected it within 10 s")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
