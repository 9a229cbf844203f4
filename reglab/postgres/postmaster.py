"""The server's process: one `postgres` as a direct child, started, stopped and started again on the same data."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from reglab.errors import ServerError
from reglab.postgres import databases
from reglab.postgres.cluster import SUPERUSER, Cluster, Endpoint
from reglab.postgres.connection import driver
from reglab.postgres.server_settings import ServerSettings

READY_SECONDS_MAX = 60.0  # recovery after a kill may take a while
POLL_SECONDS = 0.01
_REFUSALS_MAX = 20
_CRASH_SECONDS_MAX = 10.0  # from the death of one of its processes to its end
_TERMINATED = "was terminated by signal"
_running: Final[list["Postmaster"]] = []
STOP_SIGNALS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # fast, immediate, last resort


def ensure_own_servers() -> None:
    """Raise ServerError where a server that this process has started ended while it was used."""
    for postmaster in _running:
        postmaster.ensure_running()


@dataclass(slots=True, kw_only=True)
class Postmaster:
    """What starts the server. `lock` is the descriptor that keeps its folder locked while any process of it lives."""

    cluster: Cluster
    endpoint: Endpoint
    lock: int
    settings: ServerSettings
    tcp: bool
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and wait until it answers. Raises ServerError with the end of its log."""
        self.cluster.log.unlink(missing_ok=True)
        self._begin()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it during the block. Raises ServerError, also at the block's end where it has ended by itself meanwhile.

        What the block has raised then is what came of that.
        """
        try:
            self.start()
            _running.append(self)
            try:
                yield
            except KeyboardInterrupt:
                raise
            except Exception:
                self.ensure_running()
                raise
            else:
                self.ensure_running()
            finally:
                _running.remove(self)
        finally:
            self.stop()

    def ensure_running(self) -> None:
        """Raise ServerError where it has ended, or is about to: what was measured on it proves nothing."""
        if self._process is None:
            return
        reason = refusal(socket_url(self.endpoint))
        deadline = time.monotonic() + _CRASH_SECONDS_MAX
        while reason and self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            reason = refusal(socket_url(self.endpoint))
        if reason or self._process.poll() is not None:
            raise ServerError(
                "the database server that this command started ended while it was used (one of its processes was "
                f"killed, or the machine ran out of memory): nothing measured on it counts. {self._last_words()}"
            )

    def _last_words(self) -> str:
        said = [line for line in self.cluster.log_tail(line_count=200).splitlines() if _TERMINATED in line]
        return f"Its log says: {said[0].partition('LOG:')[2].strip()}" if said else "Its log says nothing."

    def restart(self) -> None:
        """Stop it and start it again; its log goes on. Raises ServerError."""
        self.stop()
        self._begin()

    def stop(self) -> None:
        """Stop it, roughly where it does not go gently; nothing where it does not run."""
        process, self._process = self._process, None
        for stop_signal, seconds_max in STOP_SIGNALS if process else ():
            assert process is not None  # noqa: S101  # for the type checker
            process.send_signal(stop_signal)
            try:
                process.wait(seconds_max)
            except subprocess.TimeoutExpired:
                continue
            return

    def _begin(self) -> None:
        self._process = self._started()
        self._wait_until_ready(self._process)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [
            self.cluster.binaries.tool("postgres"),
            *("-D", str(self.cluster.data), "-k", str(self.endpoint.socket_folder), "-p", str(self.endpoint.port)),
            *("-c", f"listen_addresses={'127.0.0.1' if self.tcp else ''}"),
            *self.settings.arguments(),
        ]
        with self.cluster.log.open("ab") as log:
            return subprocess.Popen(
                self.cluster.account.command(*command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cluster.folder,
                env=self.cluster.environment(),
                pass_fds=(self.lock,),  # the folder stays locked until the server's last process is gone
                start_new_session=True,  # Ctrl-C on the terminal reaches the owner, which stops the server last
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        refused_ready = 0
        while True:
            is_ready = self.cluster.endpoint() is not None
            reason = refusal(socket_url(self.endpoint))
            if not reason:
                return
            if process.poll() is not None:
                raise ServerError(
                    f"PostgreSQL ended at its start (status {process.returncode}). Its log ends with:\n"
                    f"{self.cluster.log_tail()}"
                )
            # Until the server says that it is ready, a refusal is the way it starts; after that it stays.
            refused_ready += is_ready
            if refused_ready > _REFUSALS_MAX or time.monotonic() > deadline:
                raise ServerError(
                    f"PostgreSQL accepts no connection: {reason}. Its log ends with:\n{self.cluster.log_tail()}"
                )
            time.sleep(POLL_SECONDS)


def refusal(url: str) -> str:
    """Return why a server does not answer there now, in the driver's words; an empty text where it does."""
    try:
        driver().connect(url, connect_timeout=5).close()
    except driver().Error as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def socket_url(endpoint: Endpoint) -> str:
    """Give the URL of the maintenance database through a private socket."""
    # The port is part of the socket's name, and said so that no PGPORT of the user's changes it.
    folder = quote(str(endpoint.socket_folder), safe="")
    return f"postgresql://{SUPERUSER}@{folder}:{endpoint.port}/{databases.MAINTENANCE_DATABASE}"
