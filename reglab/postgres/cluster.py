"""The data folder of a server: made by initdb, and left usable by whatever ended the server before."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from reglab.errors import ServerError
from reglab.postgres.account.server_user import Account
from reglab.postgres.account.user_name import named
from reglab.postgres.binaries import Binaries
from reglab.postgres.server_settings import shared_memory_kind

SUPERUSER = "postgres"
# The first major version whose initdb takes values of the configuration.
_SET_VERSION = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens: the folder of its Unix socket, and the port in the socket's name."""

    socket_folder: Path
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One PostgreSQL data folder inside `folder`, with the binaries and the account that use it."""

    folder: Path
    binaries: Binaries
    account: Account

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The file that the server writes its messages to."""
        return self.folder / "server.log"

    def environment(self) -> dict[str, str]:
        """Give the environment of the server's programs: no PG* variable of the user's reaches them."""
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", **self.binaries.environment}

    def prepare(self, *, is_durable: bool) -> None:
        """Make the data folder on first use, or make an existing one ready to be started again.

        Needs the folder's lock. Raises ServerError with the reason when it cannot be used.
        """
        if self.data.exists():
            self._check_version()
            self._drop_stale_pid_file()
        else:
            self._initialise(is_durable=is_durable)

    def begin_with(self, data: Path) -> bool:
        """Take a copy of another cluster's data folder, which nobody runs, as this one's.

        False, and nothing taken, where it cannot be copied as a whole: another process may be removing it.
        """
        try:
            shutil.copytree(data, self.data, symlinks=True)
            is_whole = (self.data / "PG_VERSION").is_file() and (self.data / "global" / "pg_control").is_file()
        except OSError:
            is_whole = False
        if not is_whole:
            shutil.rmtree(self.data, ignore_errors=True)
            return False
        for path in (self.data, *self.data.rglob("*")):
            self.account.take(path)
        return True

    def endpoint(self) -> Endpoint | None:
        """Give where the server of this folder listens, or None while none says that it is ready."""
        lines = _lines_of(self.data / "postmaster.pid")
        if len(lines) < 8 or lines[7].strip() != "ready":
            return None
        return Endpoint(socket_folder=Path(lines[4]), port=int(lines[3]))

    def log_tail(self, *, line_count: int = 15) -> str:
        """Give the last lines of the server's log."""
        return "\n".join(_lines_of(self.log)[-line_count:]) or "(its log is empty)"

    def _initialise(self, *, is_durable: bool) -> None:
        unfinished = self.folder / "data.unfinished"  # an initdb that was killed leaves no half-made `data`
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.take(unfinished)
        arguments = [
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=trust",  # the socket's folder lets in nobody but the server's own user, and root
            "--auth-host=scram-sha-256",
            "--no-instructions",
        ]
        if not is_durable:
            arguments.append("--no-sync")
        if self._major_version() >= _SET_VERSION:
            arguments.append(f"--set=dynamic_shared_memory_type={shared_memory_kind()}")
        who = named(self.account, folder=self.folder)
        finished = subprocess.run(
            who.account.command(self.binaries.tool("initdb"), *arguments),
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.folder,
            env={**self.environment(), **who.variables},
        )
        if finished.returncode != 0:
            raise ServerError(f"initdb failed in {unfinished}: {_complaint(finished.stdout + finished.stderr)}")
        unfinished.rename(self.data)

    def _check_version(self) -> None:
        found, expected = "".join(_lines_of(self.data / "PG_VERSION")), self._major_version()
        if found != str(expected):
            raise ServerError(
                f"{self.data} was made by PostgreSQL {found or '(unknown)'} and these binaries are PostgreSQL "
                f"{expected}: remove {self.folder} to begin afresh, or set POSTGRES_BIN_DIR to a PostgreSQL {found}."
            )

    def _major_version(self) -> int:
        reply = subprocess.run(
            [self.binaries.tool("postgres"), "--version"], check=True, capture_output=True, text=True
        ).stdout
        number = re.match(r"\d+", reply.split()[2])
        return int(number[0]) if number else 0

    def _drop_stale_pid_file(self) -> None:
        """Remove the process id that a killed server left.

        PostgreSQL itself asks only whether such a process exists: one that is a zombie, or a stranger that got
        the same number, would keep it from starting. Where there is none, PostgreSQL clears up better than we can:
        it also frees the shared memory that the file names.
        """
        pid_file = self.data / "postmaster.pid"
        lines = _lines_of(pid_file)
        if not lines:
            return
        if _serves(int(lines[0]), self.data):
            raise ServerError(
                f"{self.data} is in use by process {lines[0]}, which was not started by this project: "
                f"stop it (`kill -INT {lines[0]}`), or set DATABASE_URL to use it."
            )
        if psutil.pid_exists(int(lines[0])):
            pid_file.unlink()


def _complaint(output: str) -> str:
    """Return the line of initdb's output that says what is wrong, or all of it where no line stands out."""
    lines = [line for line in output.splitlines() if re.search(r"\b(error|FATAL|PANIC|could not)\b", line)]
    return lines[0].strip() if lines else output.strip() or "it said nothing"


def _serves(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == data.resolve()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
    except psutil.AccessDenied:
        return False  # another user's process: the server of this folder runs as ours, or we are root


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []
