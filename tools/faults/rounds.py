"""The faults: each function does one round of a fault to a running service under load, and says what it did."""

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from reglab.postgres.server import Server
from tools.faults import disk
from tools.faults.client import Client, Unanswered
from tools.faults.database import RESTART_S, frozen, is_running, start_again
from tools.faults.inputs import generated_requests
from tools.faults.liveness import Liveness
from tools.faults.load import Ledger, load, reconcile
from tools.faults.outcome import RECOVERY_S, Outcome
from tools.faults.service import Service, wait_until_ready

KILLS_A_ROUND = 10
CASES_A_ROUND = 500
FLOOD = 500
FLOODS = {
    "idle": b"",
    "half a header": b"GET /api/orders/ HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    "half a body": b"POST /api/customers/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 100\r\n\r\n{"name": ',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a round happens: the server, the database's own URL, and the service."""

    server: Server
    url: str
    service: Service
    folder: Path


Round = Callable[[Ground, int], Outcome]


def killed_workers(ground: Ground, number: int) -> Outcome:
    """SIGKILL to one worker after another; gunicorn starts others."""

    def kill() -> list[float]:
        for kill_number in range(KILLS_A_ROUND):
            while not ground.service.kill_worker(kill_number):
                time.sleep(0.05)
            time.sleep(0.4)
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "killed workers", number, times=KILLS_A_ROUND, do=kill, kills_probes=True)


def killed_postgres(ground: Ground, number: int) -> Outcome:
    """SIGKILL to PostgreSQL's first process, and a new start on the same data."""

    def kill() -> list[float]:
        recoveries = []
        for _ in range(2):
            os.kill(ground.server.pid, signal.SIGKILL)
            time.sleep(0.3)
            start_again(ground.server)
            recoveries.append(wait_until_ready(ground.service.port))
        return recoveries

    return _under_load(ground, "killed PostgreSQL", number, times=2, do=kill)


def restarted_postgres(ground: Ground, number: int) -> Outcome:
    """An administrator's restart of PostgreSQL."""

    def restart() -> list[float]:
        ground.server.restart()
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "restarted PostgreSQL", number, times=1, do=restart)


def rolling_restart(ground: Ground, number: int) -> Outcome:
    """SIGHUP: every worker is replaced, as a deployment does it."""

    def restart() -> list[float]:
        before = {worker.pid for worker in ground.service.workers()}
        ground.service.reload()
        deadline = time.monotonic() + RESTART_S
        while before & {worker.pid for worker in ground.service.workers()} and time.monotonic() < deadline:
            time.sleep(0.1)
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "rolling restart", number, times=1, do=restart)


def held_lock(ground: Ground, number: int) -> Outcome:
    """Another session locks the whole table of orders for longer than the service waits."""

    def hold() -> list[float]:
        with psycopg.connect(ground.url) as connection:
            connection.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            time.sleep(8)
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "held lock", number, times=1, do=hold, writers=30)


def frozen_postgres(ground: Ground, number: int) -> Outcome:
    """SIGSTOP to all of PostgreSQL: connections stay open, and nothing answers."""

    def freeze() -> list[float]:
        with frozen(ground.server), Liveness(ground.service.port, path="/healthz/ready") as readiness:
            time.sleep(6)
        slow = [f"readiness took {seconds:.1f} s" for seconds in readiness.seconds if seconds > 2]
        if slow:
            raise BrokenPromise(slow[0])
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "frozen PostgreSQL", number, times=1, do=freeze)


def no_connections(ground: Ground, number: int) -> Outcome:
    """Other clients take every connection that PostgreSQL gives."""

    def take() -> list[float]:
        taken = []
        with suppress(psycopg.OperationalError):
            while True:
                taken.append(psycopg.connect(ground.url, connect_timeout=5))
        time.sleep(3)
        for connection in taken:
            connection.close()
        return [wait_until_ready(ground.service.port)]

    return _under_load(ground, "no connection left", number, times=1, do=take)


def full_disk(ground: Ground, number: int) -> Outcome:
    """The disk of the database is full for 5 s. It is another server's: a disk of its own can be filled."""
    del ground
    with disk.service_on_a_small_disk() as (server, url, service, place):

        def fill() -> list[float]:
            ballast = disk.fill(place)
            time.sleep(5)
            ballast.unlink()
            if not is_running(server):
                # Without room for its log of writes PostgreSQL stops; somebody starts it again, as in production.
                start_again(server)
            return [wait_until_ready(service.port)]

        small = Ground(server=server, url=url, service=service, folder=place)
        return _under_load(small, "full disk", number, times=1, do=fill)


def flood(ground: Ground, number: int) -> Outcome:
    """500 connections that send nothing, half a header or half a body, while others go on."""
    kind, content = list(FLOODS.items())[number % len(FLOODS)]

    def open_all() -> list[float]:
        connections = [Client(ground.service.port).raw(content) for _ in range(FLOOD)]
        answered = 0
        for _ in range(10):
            with suppress(Unanswered):
                answered += Client(ground.service.port, timeout_s=5).get("/api/orders/?page_size=5").status == 200
        for connection in connections:
            connection.close()
        if answered < 10:
            raise BrokenPromise(f"{10 - answered} of 10 requests were not answered beside 500 connections ({kind})")
        return []

    return _under_load(ground, f"flood: {kind}", number, times=FLOOD, do=open_all, writers=2)


def bad_input(ground: Ground, number: int) -> Outcome:
    """Generated requests, most of them wrong: each is answered, and none with a 5xx."""
    statuses: list[int] = []
    with Liveness(ground.service.port) as liveness:
        for content in generated_requests(seed=number, count=CASES_A_ROUND):
            with suppress(OSError):
                statuses.append(_status(Client(ground.service.port).raw_answer(content)))
    # 501 is the server's answer to a transfer coding that it does not know.
    wrong = sorted({status for status in statuses if status == 0 or (status >= 500 and status != 501)})
    return Outcome(
        fault="bad input",
        round=number,
        times=len(statuses),
        requests=len(statuses),
        errors_500=sum(status == 500 for status in statuses),
        other_faults=[f"answered {status}" for status in wrong],
        live_s_max=round(liveness.seconds_max, 3),
    )


def _status(answer: bytes) -> int:
    """Return the status of an answer, an interim one left out; 0 where there is none."""
    found = [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)]
    final = [status for status in found if status >= 200]
    return final[0] if final else 0


class BrokenPromise(Exception):  # noqa: N818  # a finding, not a failure of the campaign
    """The service did not do what it promises; the message says what."""


def _under_load(
    ground: Ground,
    fault: str,
    number: int,
    *,
    times: int,
    do: Callable[[], list[float]],
    writers: int = 6,
    kills_probes: bool = False,
) -> Outcome:
    run = f"f{os.getpid()}-{number}-{fault.replace(' ', '').replace(':', '').lower()}"
    broken: list[str] = []
    recoveries: list[float] = []
    errors = len(ground.service.server_errors())
    wait_until_ready(ground.service.port)
    with Liveness(ground.service.port) as liveness, load(ground.service.port, run=run, writers=writers) as ledger:
        time.sleep(1)
        try:
            recoveries = do()
        except BrokenPromise as promise:
            broken.append(str(promise))
        time.sleep(1)
    found = reconcile(ledger, url=ground.url, port=ground.service.port, run=run)
    broken += [
        f"{kind}: {rows[0]}" for kind in ("twice", "torn", "unknown", "not_in_api") if (rows := getattr(found, kind))
    ]
    broken += [f"ready again after {max(recoveries):.1f} s"] if max(recoveries, default=0) > RECOVERY_S else []
    broken += _surprises(ledger)
    broken += ground.service.server_errors()[errors:][:3]
    if liveness.unanswered and not kills_probes:
        broken.append(f"{liveness.unanswered} probes of liveness were not answered")
    return Outcome(
        fault=fault,
        round=number,
        times=times,
        requests=ledger.statuses.total(),
        acknowledged_writes=ledger.acknowledged_writes,
        errors_500=ledger.statuses["500"],
        answers_503=ledger.statuses["503"],
        unanswered=ledger.statuses["no answer"],
        lost=len(found.lost),
        other_faults=broken,
        live_s_max=round(liveness.seconds_max, 3),
        live_unanswered=liveness.unanswered,
        recovery_s_max=round(max(recoveries), 3) if recoveries else None,
    )


def _surprises(ledger: Ledger) -> list[str]:
    expected = {"200", "201", "503", "no answer"}
    surprises = [f"answered {status}" for status in ledger.statuses if status not in expected]
    if ledger.without_retry_after:
        surprises.append(f"{ledger.without_retry_after} answers 503 without Retry-After")
    return surprises
