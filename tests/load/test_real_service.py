"""The orders service itself under load: what it must survive, and the lost update that must not pass."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from reglab.load.profiles import find_profile
from reglab.load.server.service_process import DEFAULT_SERVE, Service, migrate, running_service
from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from reglab.report.outcomes import Outcome
from tests.load.conftest import KEY, PATIENCE_S, ROOT, WRITES, Bench, Finished, wait_until

pytestmark = pytest.mark.slow
KILLS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The service on its own PostgreSQL."""

    service: Service
    server: Server
    database_url: str

    def workers(self) -> list[psutil.Process]:
        """Return gunicorn's worker processes."""
        return psutil.Process(self.service.process.pid).children()

    def is_loaded(self, *, requests: int = 60) -> bool:
        """Whether the load has begun."""
        log = self.service.access_log
        assert log is not None
        return log.exists() and sum("load" in line for line in log.read_text(encoding="utf-8").splitlines()) >= requests


@contextmanager
def orders_service(folder: Path, *, apps: str = "", workers: int = 2) -> Iterator[Running]:
    """Run the service with extra apps on a PostgreSQL of its own, which comes back after a crash of its own."""
    with Server.throwaway(settings=PRODUCTION_LIKE.with_values(restart_after_crash="on")) as server:
        url = server.create_database("load")
        variables = {
            "SERVICE_ENVIRONMENT": "test",
            "DATABASE_URL": url,
            "SERVER_TIMING": "1",
            "CONN_MAX_AGE": "60",
            "EXTRA_APPS": apps,
            "LOADTEST_KEY": KEY,
            "PYTHONPATH": str(ROOT),
        }
        variables["DJANGO_SETTINGS_MODULE"] = "service.settings"
        migrate(environment=variables, root=ROOT, log=folder / "migrate.log", database="load")
        with running_service(
            environment=variables,
            root=ROOT,
            folder=folder,
            serve=DEFAULT_SERVE.replace("--workers 2", f"--workers {workers}"),
            wsgi="service.wsgi:application",
            ready_path="/healthz/ready",
        ) as service:
            yield Running(service=service, server=server, database_url=url)


def loaded(bench: Bench, running: Running, profile: Path) -> Finished:
    """Put it under load to the end."""
    return bench.load(running.service.origin, profile, LOADTEST_DATABASE_URL=running.database_url)


def test_a_lost_update_of_a_total_fails(bench: Bench) -> None:
    """Where totals are read, then written without a lock, the ledger names the order whose lines add up otherwise."""
    with orders_service(bench.folder, apps="tests.load.planted") as running:
        finished = loaded(bench, running, bench.profile(mix="add-item = 1", rate=60, seconds=5))
    assert finished.outcome("ledger-kept") is Outcome.FAIL
    assert "its lines add up to" in finished.measurement("ledger_violations").evidence[0].text


def test_the_service_as_it_is_loses_nothing(bench: Bench) -> None:
    """The same load on the service as it is passes every rule, and the database shows no other rows than the API."""
    with orders_service(bench.folder) as running:
        finished = loaded(bench, running, bench.profile(mix=WRITES, rate=40, seconds=5))
    assert finished.measured("ledger_violations") == 0
    assert finished.measured("lost_writes") == 0
    assert finished.measured("leftover_rows") == 0
    assert finished.outcome("slo-database") is Outcome.PASS


def test_killed_gunicorn_workers_lose_no_acknowledged_write(bench: Bench) -> None:
    """Kill -9 of a random worker, 50 times under load: every acknowledged write is there exactly once."""
    choose = random.Random(5)  # noqa: S311  # reproducible
    with orders_service(bench.folder, workers=4) as running:
        profile = bench.profile(mix=WRITES, rate=30, seconds=34)
        process = bench.start(running.service.origin, profile, LOADTEST_DATABASE_URL=running.database_url)
        wait_until(running.is_loaded)
        killed = 0
        while killed < KILLS and process.poll() is None:
            if len(workers := running.workers()) >= 3:
                choose.choice(workers).kill()
                killed += 1
            time.sleep(0.4)
        finished = bench.finish(process)
    assert killed == KILLS
    assert finished.measured("lost_writes") == 0
    assert finished.measured("ledger_violations") == 0
    assert finished.measured("server_error_rate") > 0, "no request was hit: the test shows nothing"


@pytest.mark.parametrize("interruption", ["crash", "restart"])
def test_an_interrupted_postgresql_loses_nothing_and_needs_no_restart_of_the_service(
    bench: Bench, interruption: str
) -> None:
    """When PostgreSQL crashes, or is stopped and started, no request hangs and nothing acknowledged is lost."""
    with orders_service(bench.folder) as running:
        wait_until(lambda: len(running.workers()) == 2)
        before = {worker.pid for worker in running.workers()}
        profile = bench.profile(mix=WRITES, rate=30, seconds=15)
        process = bench.start(running.service.origin, profile, LOADTEST_DATABASE_URL=running.database_url)
        wait_until(running.is_loaded)
        for _ in range(2):
            _crash(running.server) if interruption == "crash" else running.server.restart()
            time.sleep(3)
        finished = bench.finish(process)
        assert {worker.pid for worker in running.workers()} == before
    causes = {evidence.text for evidence in finished.measurement("failure_rate").evidence}
    assert "no answer in time" not in causes
    assert causes, "no request was hit: the test shows nothing"
    assert finished.measured("lost_writes") == 0
    assert finished.measured("ledger_violations") == 0


def _crash(server: Server) -> None:
    """Kill a background process: the server ends every connection, recovers from its log, and starts anew."""
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    victim = next(child for child in postmaster.children() if "checkpointer" in " ".join(child.cmdline()))
    victim.send_signal(signal.SIGKILL)


def test_the_smoke_profile_is_never_a_false_alarm(bench: Bench) -> None:
    """The gate's load on the service as it is does not fail, however busy the machine; its load lasts 25 s at most."""
    variables = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONDEVMODE")}
    finished = subprocess.run(
        [sys.executable, "manage.py", "load", "smoke", "--run", str(bench.folder / "run")],
        cwd=ROOT,
        env=variables | {"SERVICE_ENVIRONMENT": "development", "EXTRA_APPS": "reglab", "CI": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    smoke = Finished(status=finished.returncode, output=finished.stdout + finished.stderr, run=bench.folder / "run")
    assert smoke.status == 0, smoke.output
    assert smoke.verdict.outcome is not Outcome.FAIL, smoke.output
    assert smoke.measured("server_queries_per_request", endpoint="GET /api/orders/summary/") == 1
    assert find_profile("smoke").seconds <= 25
