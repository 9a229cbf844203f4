"""A server of our own: private, complete, and gone when it is stopped."""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from reglab.errors import ServerError
from reglab.postgres.server import Server
from reglab.postgres.server_settings import DEVELOPMENT, MEASURING, PRODUCTION_LIKE, ServerSettings


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the shared server."""
    with closing(psycopg.connect(server.url(), autocommit=True)) as opened:
        yield opened


def shown(connection: psycopg.Connection, setting: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def test_it_listens_on_no_tcp_port(server: Server) -> None:
    """Without `tcp`, no process of the server listens on a network address."""
    first = psutil.Process(server.pid)
    kinds = [c for process in (first, *first.children()) for c in process.net_connections("inet")]
    assert [c for c in kinds if c.status == psutil.CONN_LISTEN] == []


def test_its_socket_lies_in_a_private_folder(server: Server) -> None:
    """Nobody but the server's user, and root, can enter the folder of the socket and of the data."""
    for folder in (server.endpoint.socket_folder, server.folder / "data"):
        status = folder.stat()
        assert stat.S_IMODE(status.st_mode) == 0o700
        assert status.st_uid == psutil.Process(server.pid).uids().effective


def test_it_does_not_run_as_root(server: Server) -> None:
    """The server has no user id, no group and no supplementary group of root's."""
    process = psutil.Process(server.pid)
    assert 0 not in (*process.uids(), *process.gids())
    assert b"\nGroups:\t \n" in Path(f"/proc/{server.pid}/status").read_bytes() or os.geteuid() != 0


def test_it_is_a_direct_child(server: Server) -> None:
    """No wrapper stays between the owner and the server: a signal to the one reaches the other."""
    assert psutil.Process(server.pid).ppid() == os.getpid()


def test_it_has_utc_utf8_and_the_c_order(connection: psycopg.Connection) -> None:
    """Text and time mean the same on every machine."""
    row = connection.execute(
        "SELECT current_setting('TimeZone'), pg_encoding_to_char(encoding), datcollate, datctype"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row == ("UTC", "UTF8", "C.UTF-8", "C.UTF-8")


def test_measuring_settings_are_in_force(connection: psycopg.Connection) -> None:
    """What would do work beside the measured statement, or by chance, is off."""
    names = ("autovacuum", "full_page_writes", "jit", "fsync", "synchronous_commit", "synchronize_seqscans")
    assert {name: shown(connection, name) for name in names} == dict.fromkeys(names, "off")
    assert shown(connection, "max_parallel_workers_per_gather") == "0"


@pytest.mark.parametrize("settings", [PRODUCTION_LIKE, DEVELOPMENT], ids=lambda settings: settings.name)
def test_durability_is_on_outside_measuring(settings: ServerSettings) -> None:
    """Production-like and development servers keep what was committed, and look after their tables."""
    with Server.throwaway(settings=settings) as other, closing(psycopg.connect(other.url())) as connection:
        names = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
        assert {name: shown(connection, name) for name in names} == dict.fromkeys(names, "on")
        assert shown(connection, "max_connections") == "100"


@pytest.mark.parametrize("extension", ["pg_trgm", "pg_stat_statements"])
def test_extensions_can_be_created(server: Server, extension: str) -> None:
    """A fresh database takes the extensions that the service and the instruments use."""
    url = server.create_database(f"with_{extension}")
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"CREATE EXTENSION {extension}".encode())
    server.drop_database(f"with_{extension}")


def test_statements_are_counted(server: Server) -> None:
    """pg_stat_statements is preloaded: it has seen a statement that ran before it was asked for."""
    with closing(psycopg.connect(server.url(), autocommit=True)) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT 4711 AS seen_by_statistics")
        row = connection.execute(
            "SELECT calls FROM pg_stat_statements WHERE query LIKE '%%AS seen_by_statistics' LIMIT 1"
        ).fetchone()
    assert row == (1,)


def test_auto_explain_reports_the_plan_that_ran(connection: psycopg.Connection) -> None:
    """A session can load auto_explain and read plans as notices."""
    notices: list[str] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    connection.execute("LOAD 'auto_explain'")
    connection.execute("SET auto_explain.log_min_duration = 0")
    connection.execute("SET auto_explain.log_level = 'notice'")
    connection.execute("SELECT 1 FROM pg_class LIMIT 1")
    assert any("Seq Scan on pg_class" in notice for notice in notices)


def test_stopping_removes_folder_and_processes() -> None:
    """After a throw-away server nothing is left: no process, no folder."""
    with Server.throwaway() as server:
        first = psutil.Process(server.pid)
        processes = [first, *first.children()]
        folder = server.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert [process for process in processes if process.is_running()] == []


def test_a_failure_of_the_block_stops_the_server() -> None:
    """An exception inside the block comes out unchanged, with the server gone."""
    with pytest.raises(KeyError, match="ours"), Server.throwaway() as server:
        raise KeyError("ours")
    assert not server.folder.exists()


def test_a_failed_start_shows_the_log() -> None:
    """When the server refuses its settings, the error holds what it wrote about them."""
    wrong = MEASURING.with_values(shared_buffers="much")
    with (
        pytest.raises(ServerError, match='invalid value for parameter "shared_buffers": "much"'),
        Server.throwaway(settings=wrong),
    ):
        pass


def test_a_failed_start_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, reachable_folder: Path) -> None:
    """A server that did not start leaves nothing behind either."""
    monkeypatch.setattr("reglab.postgres.folder.temporary_places", lambda: (reachable_folder,))
    reachable_folder.chmod(0o777)
    wrong = MEASURING.with_values(shared_buffers="much")
    with pytest.raises(ServerError), Server.throwaway(settings=wrong):
        pass
    assert list(reachable_folder.iterdir()) == []


def test_another_thread_may_not_start_it() -> None:
    """Off the main thread it refuses: the kernel would stop the server when that thread ends."""
    refusals: list[str] = []

    def start() -> None:
        with pytest.raises(RuntimeError) as refusal, Server.throwaway():
            pass
        refusals.append(str(refusal.value))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in refusals[0]


def test_tcp_needs_the_password_of_the_run() -> None:
    """The optional port is on 127.0.0.1 alone, and closed to other users of the machine."""
    with Server.throwaway(tcp=True) as server:
        psycopg.connect(server.tcp_url()).close()
        psycopg.connect(server.url()).close()
        listening = {
            c.laddr.ip for c in psutil.Process(server.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.tcp_url().replace(f":{server.tcp_password}@", "@"))


def test_users_postgres_variables_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """PG* variables of the user's own servers do not reach ours."""
    for name, value in {
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGHOST": "nowhere",
        "PGOPTIONS": "-c work_mem=64kB",
        "PGHOSTADDR": "10.0.0.1",
        "PGSERVICE": "elsewhere",
        "PGREQUIREPEER": "somebody",
    }.items():
        monkeypatch.setenv(name, value)
    with Server.throwaway() as server, closing(psycopg.connect(server.url())) as connection:
        assert shown(connection, "work_mem") == "16MB"
    assert os.environ["PGOPTIONS"] == "-c work_mem=64kB"


def test_a_restart_keeps_the_data_and_the_address() -> None:
    """Stopped and started again, it is another process with the same rows behind the same URL."""
    with Server.throwaway(settings=PRODUCTION_LIKE) as server:
        before = server.pid
        with closing(psycopg.connect(server.url(), autocommit=True)) as first:
            first.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        server.restart()
        with closing(psycopg.connect(server.url())) as second:
            assert second.execute("SELECT seven FROM kept").fetchone() == (7,)
        assert server.pid != before


def test_a_server_that_was_joined_is_not_restarted(server: Server) -> None:
    """Only the owner's process restarts a server; whoever joined one is told so."""
    with pytest.raises(ValueError, match="owns"):
        replace(server, postmaster=None).restart()
