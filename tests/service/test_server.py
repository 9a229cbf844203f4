"""The service on its real server: outages of a real PostgreSQL, slow clients, and bodies as they are on the wire."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from service.server import config, limits
from tools.faults import database, rounds
from tools.faults.client import Client, Unanswered
from tools.faults.rounds import FLOODS, Ground
from tools.faults.service import migrate, running_service, wait_until_ready

pytestmark = [pytest.mark.postgres, pytest.mark.once]

LOAD_BALANCER_KEEPS_S = 60
PROBE_S = 1.0
READY_S = 2.0


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A service of its own on a PostgreSQL of its own, which tests may stop."""
    folder = tmp_path_factory.mktemp("ground")
    with Server.throwaway(settings=PRODUCTION_LIKE, tcp=True) as server:
        url = server.create_database("orders")
        migrate(url)
        with running_service(url, folder=folder) as service:
            yield Ground(server=server, url=url, service=service, folder=folder)


@pytest.fixture
def client(ground: Ground) -> Client:
    """A client of the service, which is ready."""
    wait_until_ready(ground.service.port)
    return Client(ground.service.port)


@pytest.fixture
def order(client: Client) -> int:
    """A draft order's id."""
    stamp = time.monotonic_ns()
    customer = client.send("POST", "/api/customers/", {"name": "A", "email": f"{stamp}@rows.example"}).json()["id"]
    made: int = client.send("POST", "/api/orders/", {"customer": customer}).json()["id"]
    return made


def test_the_server_outlasts_what_it_serves() -> None:
    """It keeps connections for longer than a load balancer, and each time limit is above the one inside it."""
    assert config.keepalive > LOAD_BALANCER_KEEPS_S
    assert limits.REQUEST_S < limits.SILENT_WORKER_S
    assert limits.QUEUE_S + limits.REQUEST_S < limits.STOP_S


@pytest.mark.parametrize("kind", FLOODS)
def test_five_hundred_slow_clients_stop_nobody(ground: Ground, client: Client, kind: str) -> None:
    """Beside 500 connections that send nothing, half a header or half a body, health and API go on answering."""
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(client.raw(FLOODS[kind]))
        for path in ("/healthz/live", "/api/orders/") * 4:
            assert Client(ground.service.port, timeout_s=10).get(path).status == 200


@pytest.mark.slow
def test_live_answers_while_every_thread_waits_for_a_lock(ground: Ground, client: Client, order: int) -> None:
    """With a row locked and more writers than threads waiting for it, liveness is quick, and the writers get 503."""
    with psycopg.connect(ground.url) as holder, ThreadPoolExecutor(40) as pool:
        holder.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [order])
        answers = [pool.submit(client.send, "POST", f"/api/orders/{order}/cancel/") for _ in range(40)]
        time.sleep(2)
        live = [Client(ground.service.port).get("/healthz/live") for _ in range(5)]
        found = [answer.result() for answer in answers]
    assert {answer.status for answer in live} == {200}
    assert max(answer.seconds for answer in live) < PROBE_S
    assert {answer.status for answer in found} == {503}
    assert {answer.headers["Retry-After"] for answer in found} == {"1"}
    assert client.get(f"/api/orders/{order}/").json()["status"] == "draft"


def test_a_stopped_database_is_503_and_back_soon(ground: Ground, client: Client, order: int) -> None:
    """Without PostgreSQL the API answers 503, live stays 200, and the service is ready soon after its return."""
    postmaster = ground.server.postmaster
    assert postmaster is not None
    postmaster.stop()
    try:
        answers = [client.get(path) for path in (f"/api/orders/{order}/", "/api/orders/", "/api/orders/summary/")]
        writes = client.send("POST", f"/api/orders/{order}/cancel/")
        ready, live = client.get("/healthz/ready"), client.get("/healthz/live")
    finally:
        database.start_again(ground.server)
    assert {answer.status for answer in (*answers, writes, ready)} == {503}
    assert {answer.headers.get("Retry-After") for answer in (*answers, writes)} == {"1"}
    assert live.status == 200
    assert wait_until_ready(ground.service.port) < 5
    assert client.get(f"/api/orders/{order}/").json()["status"] == "draft"
    assert ground.service.server_errors() == []


@pytest.mark.slow
def test_a_frozen_database_hangs_nobody(ground: Ground, client: Client) -> None:
    """While PostgreSQL's processes stand still, readiness says so within 2 s, live is 200, and requests end in 503."""
    with database.frozen(ground.server), ThreadPoolExecutor(4) as pool:
        hanging = [pool.submit(client.get, "/api/orders/") for _ in range(4)]
        ready = client.get("/healthz/ready")
        live = client.get("/healthz/live")
        answers = [answer.result() for answer in hanging]
    assert (ready.status, live.status) == (503, 200)
    assert ready.seconds < READY_S + PROBE_S  # the machine's own delays beside the service's 1.5 s
    assert {answer.status for answer in answers} == {503}


@pytest.mark.slow
def test_no_connection_left_is_503(ground: Ground, client: Client) -> None:
    """Where PostgreSQL has no connection to give, the answers are 503 or, on a kept connection, right."""
    outcome = rounds.no_connections(ground, 0)
    assert (outcome.errors_500, outcome.lost, outcome.other_faults) == (0, 0, [])


@pytest.mark.slow
def test_killed_workers_and_servers_lose_nothing(ground: Ground) -> None:
    """One round of each kill under load: every acknowledged write is there once, and nothing is a 500."""
    for kill in (rounds.killed_workers, rounds.killed_postgres):
        outcome = kill(ground, os.getpid())
        assert outcome.acknowledged_writes > 0
        assert (outcome.errors_500, outcome.lost) == (0, 0)


def chunked(method: str, path: str, body: bytes) -> bytes:
    """A request as a client without a Content-Length sends it."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:5], body[5:]) if part)
    return head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def test_a_chunked_patch_is_not_ignored(client: Client, order: int) -> None:
    """On the wire, too, a body in chunks does what it says."""
    answer = client.raw_answer(chunked("PATCH", f"/api/orders/{order}/", b'{"status": "shipped"}'))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert client.get(f"/api/orders/{order}/").json()["status"] == "shipped"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /api/orders/ HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"b" * 9_000 + b"\r\n\r\n", 431),
        (b"POST /api/items/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413),
        (
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
    ],
    ids=["no header", "no request", "a long header", "a long body", "two lengths"],
)
def test_the_servers_own_errors_are_json(client: Client, content: bytes, status: int) -> None:
    """What never becomes a request is refused in JSON, as everything under /api/."""
    head, _, body = client.raw_answer(content).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"application/json" in head
    assert list(json.loads(body)) == ["detail"]


@pytest.mark.parametrize(
    "header",
    ["SCRIPT_NAME: /api", "Script-Name: /x", "X-HTTP-Method-Override: DELETE", "X-Forwarded-Host: evil.example"],
)
def test_a_header_moves_no_request(client: Client, order: int, header: str) -> None:
    """No header changes the path, the method or the host that a request has."""
    request = f"GET /api/orders/{order}/ HTTP/1.1\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n"
    answer = client.raw_answer(request.encode())
    assert answer.split(b" ", 2)[1] in (b"200", b"400")
    assert client.get(f"/api/orders/{order}/").status == 200


def test_one_connection_serves_many_requests(client: Client) -> None:
    """Requests that follow each other on one connection, also sent together, are all answered, in order."""
    one = b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /api/nothing/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = client.raw_answer(one * 5 + last)
    assert answer.count(b"HTTP/1.1 200 ") == 5
    assert answer.count(b"HTTP/1.1 404 ") == 1
    assert answer.rindex(b"HTTP/1.1 404 ") > answer.rindex(b"HTTP/1.1 200 ")


@pytest.mark.slow
def test_a_rolling_restart_answers_everybody(ground: Ground) -> None:
    """While workers are replaced, no request is a 500, and no acknowledged write is lost."""
    outcome = rounds.rolling_restart(ground, 0)
    assert (outcome.errors_500, outcome.lost) == (0, 0)


def test_it_stops_when_it_is_told(ground: Ground, tmp_path: Path) -> None:
    """SIGTERM ends the service although slow clients hold connections."""
    with running_service(ground.url, folder=tmp_path) as service:
        client = Client(service.port)
        with ExitStack() as stack:
            for content in FLOODS.values():
                stack.enter_context(client.raw(content))
            time.sleep(0.5)
            service.process.send_signal(signal.SIGTERM)
            ended = threading.Event()

            def wait() -> None:
                service.process.wait()
                ended.set()

            threading.Thread(target=wait, daemon=True).start()
            assert ended.wait(limits.STOP_S)
        with pytest.raises(Unanswered):
            client.get("/healthz/live")
