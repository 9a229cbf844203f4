"""The service behind a real PgBouncer in transaction mode, with two connections for fifty clients."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from tools.faults import database
from tools.faults.client import Answer, Client
from tools.faults.pgbouncer import PACKAGE, bouncer, program
from tools.faults.service import migrate, running_service, wait_until_ready

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.skipif(program() is None, reason=f"needs PgBouncer: `apt-get install {PACKAGE}`"),
]
CLIENTS = 50
READY_S = 5.0
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL with the service's schema, behind TCP."""
    with Server.throwaway(settings=PRODUCTION_LIKE, tcp=True) as running:
        migrate(running.create_database("orders"))
        yield running


@pytest.fixture(scope="module")
def port(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a service that reaches its database through PgBouncer alone."""
    with (
        bouncer(server.tcp_url("orders")) as url,
        running_service(
            url, folder=tmp_path_factory.mktemp("pooled"), DISABLE_SERVER_SIDE_CURSORS="1", SERVICE_THREADS="32"
        ) as service,
    ):
        yield service.port
        assert service.server_errors() == []


def at_once(port: int, *, requests: int) -> list[Answer]:
    """So many clients at the same time, each with its answer."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda _: Client(port).get("/api/orders/?page_size=1"), range(requests)))


def test_fifty_clients_share_two_connections(port: int) -> None:
    """Everybody is answered: with rows, or where the machine is too slow for that with 503, and never with a 500."""
    wait_until_ready(port)
    answers = at_once(port, requests=4 * CLIENTS)
    assert {answer.status for answer in answers} <= {200, 503}
    assert sum(answer.status == 200 for answer in answers) > 0


def test_saturation_is_503(server: Server, port: int) -> None:
    """With both connections held up by a lock, everybody gets 503 with Retry-After before it ends, and live is 200."""
    wait_until_ready(port)
    with psycopg.connect(server.url("orders")) as holder, ThreadPoolExecutor(CLIENTS) as pool:
        holder.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
        waiting = [pool.submit(Client(port, timeout_s=PATIENCE_S).get, "/api/orders/") for _ in range(CLIENTS)]
        live = Client(port).get("/healthz/live")
        answers = [future.result() for future in waiting]
        holder.rollback()
    assert live.status == 200
    assert {answer.status for answer in answers} == {503}
    assert all("Retry-After" in answer.headers for answer in answers)


def test_it_is_ready_soon_after_postgresql_came_back(server: Server, port: int) -> None:
    """A restart of PostgreSQL behind PgBouncer is 503 while it lasts, and the service is ready again within 5 s."""
    wait_until_ready(port)
    postmaster = server.postmaster
    assert postmaster is not None
    postmaster.stop()
    assert Client(port).get("/api/orders/").status == 503
    database.start_again(server)
    assert wait_until_ready(port) < READY_S
    assert Client(port).get("/api/orders/").status == 200


def test_limits_on_the_role_reach_through_the_pool(server: Server, tmp_path: Path) -> None:
    """What `limit_statements` sets holds for the pool's connections, which take no limits from their clients."""
    import subprocess
    import sys

    from tools.faults.service import ROOT, environment

    url = server.tcp_url("orders")
    with bouncer(url) as pooled, psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as connection:
        command = [sys.executable, "manage.py", "limit_statements", "--statement-timeout-ms", "400"]
        subprocess.run(command, cwd=ROOT, env=environment(url), check=True, capture_output=True)
        # The connections that the pool has already keep what they began with.
        with psycopg.connect(url, autocommit=True) as direct:
            direct.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with bouncer(url) as pooled, psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as connection:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(10)")
        row = connection.execute("SELECT current_setting('lock_timeout')").fetchone()
    assert row == ("5s",)
