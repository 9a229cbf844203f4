"""The service on its real server: started by the project's own command on a free loopback port."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reglab.errors import LoadTestError
from reglab.load.server.access_log import ACCESS_FORMAT
from reglab.load.server.child_processes import child, last_words, tail_of, wait_for
from reglab.load.target.http_client import Api
from reglab.load.target.identity import IDENTITY_PATH

READY_S: Final = 120.0
MIGRATE_S: Final = 300.0
# gunicorn with several workers. `{fd}` is a socket that is bound already: no other process can take the port.
DEFAULT_SERVE: Final = (
    "gunicorn {wsgi} --bind fd://{fd} --workers 2 --threads 4 --worker-class gthread --keep-alive 75 --backlog 2048 "
    "--graceful-timeout 5 --no-control-socket --preload --access-logfile {access_log} "
    "--access-logformat {access_format}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that we run: where it answers, and its processes. `access_log` is None where its server writes none."""

    origin: str
    process: subprocess.Popen[bytes]
    log: Path
    access_log: Path | None


def migrate(*, environment: Mapping[str, str], root: Path, log: Path, database: str) -> None:
    """Bring the throw-away database of that name to the service's schema, and no other. Raises LoadTestError."""
    _run(
        [sys.executable, "-m", "reglab.load.server.throwaway_migration", database],
        environment=environment,
        root=root,
        log=log,
        problem="the database could not be migrated",
    )


def check_migrated(*, environment: Mapping[str, str], root: Path, log: Path) -> None:
    """Check that a database that is not ours needs no migration, and change nothing in it. Raises LoadTestError."""
    _run(
        [sys.executable, "-m", "django", "migrate", "--check", "--verbosity", "1"],
        environment=environment,
        root=root,
        log=log,
        problem="DATABASE_URL names a database with migrations that are not applied, or that cannot be read; a load "
        "test migrates no database that it did not make: migrate it yourself, or unset DATABASE_URL",
    )


def _run(command: list[str], *, environment: Mapping[str, str], root: Path, log: Path, problem: str) -> None:
    with child(command, log=log, environment={"PYTHONPATH": _path(root), **environment}, folder=root) as process:
        try:
            status = process.wait(MIGRATE_S)
        except subprocess.TimeoutExpired:
            raise LoadTestError(f"{problem}: no end after {MIGRATE_S:.0f} s:\n{tail_of(log)}") from None
        if status != 0:
            said = last_words(log)
            raise LoadTestError(f"{problem}{f': {said}' if said else ''}")


@contextmanager
def running_service(
    *,
    environment: Mapping[str, str],
    root: Path,
    folder: Path,
    serve: str = DEFAULT_SERVE,
    wsgi: str = "",
    ready_path: str = "",
    name: str = "service",
) -> Iterator[Service]:
    """Run the project's server command until the block is left.

    `serve` may hold `{fd}` (a bound socket), `{port}`, `{wsgi}`, `{access_log}` and `{access_format}`; one that has
    neither of the first two cannot be found. It is ready when `ready_path` answers 200, or, without one, when it
    answers at all. Raises LoadTestError where it does not get ready.
    """
    log = folder / f"{name}.log"
    access_log = folder / ("access.log" if name == "service" else f"access-{name}.log")
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        origin = f"http://127.0.0.1:{port}"
        words = {
            "fd": str(listener.fileno()),
            "port": str(port),
            "wsgi": wsgi,
            "access_log": str(access_log),
            "access_format": ACCESS_FORMAT,
        }
        command = _command(serve, words)
        variables = {"PYTHONPATH": _path(root), **environment}
        has_socket = "{fd}" in serve
        if not has_socket:
            listener.close()
        passed = [listener.fileno()] if has_socket else []
        with child(command, log=log, environment=variables, folder=root, pass_fds=passed) as process:
            wait_for(
                lambda: _is_ready(origin, ready_path), what="the service", seconds=READY_S, process=process, log=log
            )
            listener.close()  # a connection to a service that is gone must be refused, not wait in our copy's queue
            has_log = "{access_log}" in serve
            yield Service(origin=origin, process=process, log=log, access_log=access_log if has_log else None)


def _command(serve: str, words: Mapping[str, str]) -> list[str]:
    if "{fd}" not in serve and "{port}" not in serve:
        raise LoadTestError(
            f"serve = {serve!r}: says not where to listen; write {{fd}} (gunicorn --bind fd://{{fd}}, uvicorn --fd "
            "{fd}) or {port} (granian --port {port})"
        )
    try:
        command = [part.format_map(words) for part in shlex.split(serve)]
    except (ValueError, LookupError) as error:
        raise LoadTestError(f"serve = {serve!r}: cannot be read ({error}); it may use {', '.join(words)}") from None
    # The server of this environment, where it is not on the path: a console script lies beside the interpreter.
    beside = Path(sys.executable).parent / command[0]
    return [str(beside) if os.sep not in command[0] and beside.exists() else command[0], *command[1:]]


def _is_ready(origin: str, path: str) -> bool:
    api = Api(origin=origin, deadline_s=5.0)
    try:
        status = api.request("GET", path or IDENTITY_PATH).status
    except LoadTestError:
        return False
    finally:
        api.close()
    return status == 200 if path else status < 500


def _path(root: Path) -> str:
    return os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH", ""))))
