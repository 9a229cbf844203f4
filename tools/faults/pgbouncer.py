"""Runs PgBouncer (Debian's package `pgbouncer`) as a child in front of a PostgreSQL, in transaction mode."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from reglab.postgres.account.server_user import Account

PACKAGE = "pgbouncer"
READY_S = 15.0
# Saturated or without a server, a client gets its error within seconds; and a server that is back is found at once.
SETTINGS: Mapping[str, str | int] = {
    "auth_type": "scram-sha-256",
    "pool_mode": "transaction",
    "default_pool_size": 2,
    "max_client_conn": 500,
    "query_wait_timeout": 2,
    "query_timeout": 15,
    "server_connect_timeout": 2,
    "server_login_retry": 1,
    "server_round_robin": 0,
    "unix_socket_dir": "",
    "logfile": "",
    "pidfile": "",
    "log_connections": 0,
    "log_disconnections": 0,
}


class BouncerError(Exception):
    """PgBouncer cannot be started; the message says what to do."""


def program() -> str | None:
    """Return the path of the program, or None where the package is not installed."""
    return shutil.which(PACKAGE, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


@contextmanager
def bouncer(server_url: str, **settings: str | int) -> Iterator[str]:
    """Run PgBouncer in front of the server at `server_url` (TCP, with a password); yield the URL through it.

    `settings` change or add values of `SETTINGS`. Raises BouncerError.
    """
    found = program()
    if found is None:
        raise BouncerError(f"PgBouncer is not on this machine: `apt-get install {PACKAGE}`.")
    parts = urlsplit(server_url)
    account = Account.of_server()
    with tempfile.TemporaryDirectory(prefix="bouncer-") as name:
        folder = Path(name)
        port = _free_port()
        _write(folder / "users.txt", f'"{parts.username}" "{parts.password}"\n')
        lines = [
            "[databases]",
            f"* = host={parts.hostname} port={parts.port}",
            "[pgbouncer]",
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_file = {folder / 'users.txt'}",
            *(f"{key} = {value}" for key, value in {**SETTINGS, **settings}.items()),
        ]
        _write(folder / "pgbouncer.ini", "\n".join(lines) + "\n")
        for path in (folder, *folder.iterdir()):
            account.take(path)
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                account.command(found, str(folder / "pgbouncer.ini")),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        url = f"postgresql://{parts.username}:{parts.password}@127.0.0.1:{port}{parts.path}"
        try:
            _wait_for(url, process=process, log=log)
            yield url
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _wait_for(url: str, *, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=2, autocommit=True).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(encoding="utf-8", errors="replace")[-800:]
                raise BouncerError(f"PgBouncer does not get ready ({error}). Its log ends with:\n{tail}") from error
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
