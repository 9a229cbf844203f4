"""Whatever happens to the owner: no stray server, no left-over folder, data that can be used again."""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from reglab import own_folders as folders
from reglab.errors import ServerError
from reglab.postgres.account.server_user import Account
from reglab.postgres.server import Server
from tests.postgres.owners import PLAIN_UID, THROWAWAY, Owner, is_gone, kept, plain_user_prefix, start_owner, wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it changes user ids")


def test_a_killed_owner_leaves_no_server(owners: list[Owner]) -> None:
    """SIGKILL to the owner ends the server and all its processes."""
    owner = start_owner(THROWAWAY)
    owners.append(owner)
    first = psutil.Process(owner.facts["pid"])
    pids = [first.pid, *(child.pid for child in first.children())]
    owner.kill()
    wait_until(lambda: all(is_gone(pid) for pid in pids), what="the server of a killed owner to end")


def test_the_next_start_sweeps_a_killed_owners_folder(owners: list[Owner]) -> None:
    """The folder that a killed owner could not remove is gone after the next start."""
    owner = start_owner(THROWAWAY)
    owners.append(owner)
    folder = Path(owner.facts["folder"])
    owner.kill()
    assert folder.is_dir()
    wait_until(lambda: is_gone(owner.facts["pid"]), what="the server of a killed owner to end")
    folders.sweep(folder.parent)
    assert not folder.exists()


def test_a_sweep_leaves_what_is_in_use(server: Server) -> None:
    """A running server's folder is not stale."""
    folders.sweep(server.folder.parent)
    psycopg.connect(server.url()).close()


def test_a_sweep_leaves_what_is_not_ours(reachable_folder: Path) -> None:
    """Neither a folder of another name nor a link of ours to another folder is removed."""
    precious = reachable_folder / "precious"
    precious.mkdir()
    (reachable_folder / f"{folders.prefix_of('postgres')}link").symlink_to(precious)
    folders.sweep(reachable_folder)
    assert precious.is_dir()
    assert (reachable_folder / f"{folders.prefix_of('postgres')}link").is_symlink()


@needs_root
def test_a_sweep_leaves_other_users_folders(reachable_folder: Path) -> None:
    """A folder of our name that belongs to somebody else stays."""
    other = reachable_folder / f"{folders.prefix_of('postgres')}other"
    other.mkdir()
    os.chown(other, PLAIN_UID, PLAIN_UID)
    folders.sweep(reachable_folder)
    assert other.is_dir()


def test_data_survive_a_killed_owner(reachable_folder: Path, owners: list[Owner]) -> None:
    """A kept folder can be used again at once after SIGKILL to its owner, with what was committed."""
    owner = start_owner(kept(reachable_folder / "kept"))
    owners.append(owner)
    write_marker(owner.facts["url"])
    owner.kill()
    with Server.kept(reachable_folder / "kept") as again:
        assert not again.is_joined
        assert read_marker(again.url()) == 1


def test_data_survive_a_killed_server(reachable_folder: Path, owners: list[Owner]) -> None:
    """SIGKILL to server and owner together, with the zombie and the stale files that this leaves, is recovered from."""
    owner = start_owner(kept(reachable_folder / "kept"))
    owners.append(owner)
    write_marker(owner.facts["url"])
    os.kill(owner.facts["pid"], signal.SIGKILL)
    owner.kill()
    assert (reachable_folder / "kept" / "data" / "postmaster.pid").exists()
    with Server.kept(reachable_folder / "kept") as again:
        assert read_marker(again.url()) == 1


def test_a_zombie_in_the_pid_file_is_no_server(reachable_folder: Path) -> None:
    """A stale file that names a process which is dead and not yet waited for does not keep a server from starting."""
    folder = reachable_folder / "kept"
    with Server.kept(folder):
        pass
    # The server's own user id: PostgreSQL takes no notice of other users' processes.
    with subprocess.Popen(Account.of_server().command("/bin/true"), cwd="/") as zombie:
        wait_until(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE, what="a child to end")
        (folder / "data" / "postmaster.pid").write_text(
            f"{zombie.pid}\n{folder / 'data'}\n0\n5432\n/nowhere\n\n\nready\n"
        )
        with Server.kept(folder) as again:
            assert not again.is_joined


def test_a_second_owner_joins(reachable_folder: Path, owners: list[Owner]) -> None:
    """Two processes on one kept folder use one server."""
    folder = reachable_folder / "kept"
    owner = start_owner(kept(folder))
    owners.append(owner)
    with Server.kept(folder) as joined:
        assert joined.is_joined
        assert (joined.pid, joined.url()) == (owner.facts["pid"], owner.facts["url"])
    psycopg.connect(owner.facts["url"]).close()  # leaving does not stop it
    assert owner.finish() == 0


def test_two_first_owners_agree(reachable_folder: Path, owners: list[Owner]) -> None:
    """Two processes that both find no data make one cluster: one owns its server, the other joins."""
    with ThreadPoolExecutor() as pool:
        owners.extend(pool.map(start_owner, [kept(reachable_folder / "kept")] * 2))
    assert sorted(owner.facts["is_joined"] for owner in owners) == [False, True]
    assert len({owner.facts["pid"] for owner in owners}) == 1


def test_the_folder_is_in_use_while_the_server_lives(reachable_folder: Path, owners: list[Owner]) -> None:
    """A server that outlives its killed owner for a while keeps the folder locked until its last process is gone."""
    folder = reachable_folder / "kept"
    owner = start_owner(kept(folder))
    owners.append(owner)
    server = psutil.Process(owner.facts["pid"])
    server.suspend()
    owner.kill()
    assert folders.try_lock(folder) is None
    server.resume()
    wait_until(lambda: is_gone(server.pid), what="the resumed server to end")
    lock = folders.try_lock(folder)
    assert lock is not None
    os.close(lock)


def test_the_last_owner_stops_the_kept_server(reachable_folder: Path, owners: list[Owner]) -> None:
    """A kept server ends with its owner, and its data stay."""
    owner = start_owner(kept(reachable_folder / "kept"))
    owners.append(owner)
    assert owner.finish() == 0
    assert is_gone(owner.facts["pid"])
    assert (reachable_folder / "kept" / "data" / "PG_VERSION").is_file()


def test_a_long_path_is_no_obstacle(reachable_folder: Path) -> None:
    """Where the path is too long for a socket, the socket lies elsewhere, and a second owner still finds it."""
    folder = reachable_folder / ("long" * 30)
    with Server.kept(folder) as server, Server.kept(folder) as joined:
        assert joined.is_joined
        assert read_one(joined.url()) == 1
        assert not server.endpoint.socket_folder.is_relative_to(folder)
    assert not server.endpoint.socket_folder.exists()


def test_another_versions_data_are_refused(reachable_folder: Path) -> None:
    """Data of another PostgreSQL are named and left alone."""
    folder = reachable_folder / "kept"
    with Server.kept(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(ServerError, match="was made by PostgreSQL 9 and these binaries are PostgreSQL 1"),
        Server.kept(folder),
    ):
        pass


def test_a_server_of_somebody_elses_is_left_alone(reachable_folder: Path) -> None:
    """A server that was started on our folder by hand is neither fought nor taken for stale."""
    folder = reachable_folder / "kept"
    with Server.kept(folder) as server:
        lock = folder / folders.LOCK_NAME
        lock.rename(folder / "lock-of-the-running-one")  # what it looks like without our lock
        with pytest.raises(ServerError, match=f"in use by process {server.pid}"), Server.kept(folder):
            pass


@needs_root
def test_a_plain_user_can_run_it(owners: list[Owner]) -> None:
    """Without root's rights the server runs as the user who starts it, and dies with a killed owner too."""
    owner = start_owner(THROWAWAY, prefix=plain_user_prefix())
    owners.append(owner)
    assert owner.facts["owner_uid"] == PLAIN_UID
    assert psutil.Process(owner.facts["pid"]).uids().effective == PLAIN_UID
    assert read_one(owner.facts["url"]) == 1
    owner.kill()
    wait_until(lambda: is_gone(owner.facts["pid"]), what="a plain user's server to end")
    folders.sweep(Path(owner.facts["folder"]).parent)
    assert Path(owner.facts["folder"]).exists()  # root does not clear up after others
    again = start_owner(THROWAWAY, prefix=plain_user_prefix())
    owners.append(again)
    assert not Path(owner.facts["folder"]).exists()
    assert again.finish() == 0


@needs_root
def test_a_closed_home_stays_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reachable_folder: Path) -> None:
    """Root's folder that the server's user cannot enter is not opened: the data go to a place of the system's."""
    monkeypatch.setattr("reglab.postgres.folder.SYSTEM_PLACE", reachable_folder)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with Server.kept(home / "var" / "postgres") as server:
        assert server.folder.parent == reachable_folder
        assert read_one(server.url()) == 1
    assert home.stat().st_mode & 0o777 == 0o700


def write_marker(url: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE marker AS SELECT 1 AS value")


def read_marker(url: str) -> object:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SELECT value FROM marker").fetchone()
    assert row is not None
    return row[0]


def read_one(url: str) -> object:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SELECT 1").fetchone()
    assert row is not None
    return row[0]
