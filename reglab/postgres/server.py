"""A PostgreSQL server of our own: started as a direct child, reached through a private socket, gone with its owner."""

import os
import re
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from reglab.errors import ServerError
from reglab.own_folders import try_lock
from reglab.postgres import binaries, databases
from reglab.postgres.account.server_user import Account
from reglab.postgres.client_environment import own_clients
from reglab.postgres.cluster import SUPERUSER, Cluster, Endpoint
from reglab.postgres.connection import DUPLICATE_STATES, connected, driver, quoted, run, state_of
from reglab.postgres.folder import PREFIX, prepare_kept_folder, runs_programs, throwaway_folder
from reglab.postgres.postmaster import POLL_SECONDS, READY_SECONDS_MAX, Postmaster, refusal, socket_url
from reglab.postgres.server_settings import DEVELOPMENT, MEASURING, ServerSettings

SOCKET_PATH_BYTES_MAX = 107  # sizeof(sockaddr_un.sun_path) - 1 on Linux
DEFAULT_PORT = 5432
# PostgreSQL reads its folders as a list with commas and quotes; a URL has a meaning for more.
_PLAIN_PATH: Final = re.compile(r"[\w/.+=-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running PostgreSQL: one that we own, or (`is_joined`) one that another process of this project owns.

    `began_with_copy`: it holds what it was told to begin with.
    It ends with the thread that started it, which must therefore be the main thread.
    """

    folder: Path
    endpoint: Endpoint
    is_joined: bool = False
    began_with_copy: bool = False
    tcp_password: str | None = None
    postmaster: Postmaster | None = field(default=None, repr=False)

    @classmethod
    @contextmanager
    def throwaway(
        cls, *, settings: ServerSettings = MEASURING, tcp: bool = False, data: Path | None = None
    ) -> Iterator["Server"]:
        """Run a new server in a temporary folder, and leave nothing of it.

        It is empty, or begins as a copy of `data`, which `save_data` has made, where that is whole. `tcp` also opens
        a free port on 127.0.0.1, for tools that know no Unix sockets. Raises ServerError.
        """
        account = Account.of_server()
        # Binaries out of the account's reach are copied into the folder, and must run there.
        suits = (lambda _: True) if account.can_enter(binaries.find().folder) else runs_programs
        with throwaway_folder(account=account, suits=suits) as (folder, lock):
            cluster = _cluster_in(folder, account)
            began_with_copy = data is not None and cluster.begin_with(data)
            with cls._running(cluster, lock=lock, settings=settings, tcp=tcp) as server:
                yield replace(server, began_with_copy=began_with_copy)

    @classmethod
    @contextmanager
    def kept(cls, folder: Path, *, settings: ServerSettings = DEVELOPMENT) -> Iterator["Server"]:
        """Run the server whose data stay in `folder`; join it where another process runs it already.

        The server stops with its owner, the process that came first; one that joined then loses its connections.
        Raises ServerError.
        """
        account = Account.of_server()
        folder = prepare_kept_folder(folder, account=account)
        cluster = _cluster_in(folder, account)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            lock = try_lock(folder)
            if lock is not None:
                with ExitStack() as stack:
                    stack.callback(os.close, lock)
                    yield stack.enter_context(cls._running(cluster, lock=lock, settings=settings, tcp=False))
                return
            # In use: by a server to join, or by one that is starting or stopping.
            endpoint = cluster.endpoint()
            with own_clients():
                if endpoint is not None and not refusal(socket_url(endpoint)):
                    yield cls(folder=folder, endpoint=endpoint, is_joined=True)
                    return
            time.sleep(POLL_SECONDS)
        raise ServerError(
            f"{folder} has been locked for {READY_SECONDS_MAX:.0f} s by a process whose server does not answer. "
            f"The server's log ends with:\n{cluster.log_tail()}"
        )

    @classmethod
    @contextmanager
    def _running(cls, cluster: Cluster, *, lock: int, settings: ServerSettings, tcp: bool) -> Iterator["Server"]:
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "Start the server from the main thread: it is stopped when the thread that started it ends."
            )
        cluster.prepare(is_durable=settings.is_durable)
        with own_clients(tcp=tcp), _socket_folder(cluster) as socket_folder:
            port = _free_port() if tcp else DEFAULT_PORT
            endpoint = Endpoint(socket_folder=socket_folder, port=port)
            postmaster = Postmaster(cluster=cluster, endpoint=endpoint, lock=lock, settings=settings, tcp=tcp)
            with postmaster.running():
                password = _set_password(socket_url(endpoint)) if tcp else None
                yield cls(folder=cluster.folder, endpoint=endpoint, tcp_password=password, postmaster=postmaster)

    def restart(self) -> None:
        """Stop the server as an administrator does, and start it again on the same data. Raises ServerError."""
        if self.postmaster is None:
            raise ValueError("Only the process that owns a server can restart it.")
        self.postmaster.restart()

    def save_data(self, target: Path) -> None:
        """Copy the data folder to `target` while the server rests, and start it again. Raises OSError, ServerError.

        The copy takes its name last: a run that was killed leaves no half of one. Where another run was faster, its
        copy stays.
        """
        if self.postmaster is None:
            raise ValueError("Only the process that owns a server can copy its data.")
        unfinished = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
        self.postmaster.stop()
        try:
            shutil.copytree(self.postmaster.cluster.data, unfinished, symlinks=True, dirs_exist_ok=True)
            try:
                unfinished.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            self.postmaster.start()

    @property
    def pid(self) -> int:
        """The process id of the server's first process, from the file that it keeps while it runs."""
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def url(self, name: str = databases.MAINTENANCE_DATABASE) -> str:
        """Give the URL of a database through the private socket, for DATABASE_URL and for psycopg."""
        return databases.url_of_database(socket_url(self.endpoint), name)

    def tcp_url(self, name: str = databases.MAINTENANCE_DATABASE) -> str:
        """Give the URL of a database through 127.0.0.1, with a password made for this run."""
        if self.tcp_password is None:
            raise ValueError("This server listens on no TCP port: start it with tcp=True.")
        return f"postgresql://{SUPERUSER}:{self.tcp_password}@127.0.0.1:{self.endpoint.port}/{quote(name, safe='')}"

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create a database, empty or as a copy of `template`; give its URL."""
        return databases.create_database(self.url(), name, template=template)

    def ensure_database(self, name: str) -> str:
        """Create a database unless it is there; give its URL."""
        if not databases.has_database(self.url(), name):
            try:
                self.create_database(name)
            except driver().Error as error:
                # Two processes may come here at once, and either's database will do.
                if state_of(error) not in DUPLICATE_STATES:
                    raise
        return self.url(name)

    def freeze_database(self, name: str) -> None:
        """Bring a database to rest, so that it can serve as a template."""
        databases.freeze_database(self.url(), name)

    def drop_database(self, name: str) -> None:
        """Drop a database where it exists, and end the connections to it."""
        databases.drop_database(self.url(), name)


def _cluster_in(folder: Path, account: Account) -> Cluster:
    return Cluster(
        folder=folder, account=account, binaries=binaries.find().within_reach_of(account, spare_folder=folder)
    )


@contextmanager
def _socket_folder(cluster: Cluster) -> Iterator[Path]:
    """Give a private folder for the socket: in the server's own, or elsewhere where that path cannot be a socket's."""
    if _fits_socket(cluster.folder):
        yield _private_folder(cluster.folder / "socket", cluster.account)
        return
    with throwaway_folder(account=cluster.account, suits=lambda place: _fits_socket(place / f"{PREFIX}12345678")) as (
        spare_folder,
        _lock,
    ):
        yield _private_folder(spare_folder / "socket", cluster.account)


def _fits_socket(folder: Path) -> bool:
    """Tell whether a socket can lie in `folder`: short enough, and of letters that a list or a URL leaves alone."""
    path = str(folder / "socket" / ".s.PGSQL.65535")
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX and _PLAIN_PATH.fullmatch(path) is not None


def _private_folder(folder: Path, account: Account) -> Path:
    # A killed server leaves its socket, and a lock file that is believed for as long as its zombie is there.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    account.take(folder)
    return folder


def _set_password(url: str) -> str:
    password = secrets.token_hex(16)
    with connected(url) as connection:
        # The password is of hexadecimal digits alone: there is nothing in it to escape.
        run(connection, f"ALTER ROLE {quoted(SUPERUSER)} PASSWORD '{password}'")
    return password


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
