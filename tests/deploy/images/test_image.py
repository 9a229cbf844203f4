"""The images, built and run as locked down as on AWS, in front of a real PostgreSQL."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import psycopg
import pytest

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from tests.deploy.images.containers import (
    LOCKED_DOWN,
    PODMAN,
    POOLER,
    SERVICE,
    Container,
    answer,
    build,
    build_base,
    container,
    free_port,
    missing_programs,
    run,
    wait_until_ready,
)
from tests.deploy.material import ROOT

pytestmark = pytest.mark.slow

REVISION = "a" * 40
KEY = "the key of a load test on loopback"
HOST = "orders.example.com"
POOL_SIZE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A service behind its pooler, in front of the database."""

    web: Container
    pooler: Container
    origin: str
    database_url: str


@pytest.fixture(scope="module")
def images() -> None:
    """Both images, built from the repository as it is."""
    missing = missing_programs()
    assert not missing, f"{', '.join(missing)} is not installed: `tox -e deploy` installs it."
    build_base()
    build("deploy/image/Dockerfile", SERVICE, revision=REVISION)
    build("deploy/image/Dockerfile.pooler", POOLER)


@pytest.fixture(scope="module")
def database(images: None) -> Iterator[Server]:
    """A PostgreSQL with durability on, and the database as the image's own migrations leave it."""
    with Server.throwaway(settings=PRODUCTION_LIKE, tcp=True) as server:
        server.create_database("orders")
        yield server


def secrets_of(server: Server) -> dict[str, str]:
    url = urlsplit(server.tcp_url("orders"))
    return {"PGUSER": str(url.username), "PGPASSWORD": str(url.password)}


def settings(environment: str, server: Server) -> dict[str, str]:
    return {
        "SERVICE_ENVIRONMENT": environment,
        "SECRET_KEY": "only-for-this-test-" * 4,
        # A probe comes by the task's address: it has to be answered although that is no allowed host.
        "ALLOWED_HOSTS": HOST if environment == "production" else "127.0.0.1",
        **secrets_of(server),
    }


@pytest.fixture(scope="module")
def migrated(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The migrations, run as the one-off task runs them."""
    port = urlsplit(database.tcp_url("orders")).port
    options = "options=-c%20statement_timeout%3D0%20-c%20lock_timeout%3D5000"
    variables = {**settings("production", database), "DATABASE_URL": f"postgresql://127.0.0.1:{port}/orders?{options}"}
    command = ("python", "-m", "django", "migrate", "--no-input")
    folder = tmp_path_factory.mktemp("migrate")
    with container(SERVICE, *command, environment=variables, options=("--memory", "512m"), folder=folder) as task:
        assert task.process.wait(600) == 0, task.text()
    return database


@contextmanager
def site(server: Server, folder: Path, *, environment: str, pool_size: int = POOL_SIZE) -> Iterator[Site]:
    """Run pooler and service as one task does: the pooler first."""
    database_port = urlsplit(server.tcp_url("orders")).port
    pooler_port, web_port = free_port(), free_port()
    pooling = {
        **secrets_of(server),
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": str(database_port),
        "DATABASE_TLS": "disable",
        "LISTEN_PORT": str(pooler_port),
        "POOL_SIZE": str(pool_size),
    }
    serving = {
        **settings(environment, server),
        "DATABASE_URL": f"postgresql://127.0.0.1:{pooler_port}/orders",
        "DATABASE_CONNECT_TIMEOUT_S": "2",
        "DISABLE_SERVER_SIDE_CURSORS": "1",
        "CONN_MAX_AGE": "60",
        "LOADTEST_KEY": KEY,
        "SERVER_TIMING": "1",
    }
    # The image's own command, on loopback instead of every address.
    command = (*json.loads(run("podman", "inspect", "--format", "{{json .Config.Cmd}}", SERVICE)), "--bind")
    origin = f"http://127.0.0.1:{web_port}"
    with (
        container(POOLER, environment=pooling, options=("--memory", "64m"), folder=folder) as pooler,
        container(
            SERVICE, *command, f"127.0.0.1:{web_port}", environment=serving, options=("--memory", "512m"), folder=folder
        ) as web,
    ):
        wait_until_ready(f"{origin}/healthz/ready", web)
        yield Site(web=web, pooler=pooler, origin=origin, database_url=server.tcp_url("orders"))


@pytest.fixture
def production(migrated: Server, tmp_path: Path) -> Iterator[Site]:
    """The service as on production."""
    with site(migrated, tmp_path, environment="production") as running:
        yield running


@pytest.fixture
def open_site(migrated: Server, tmp_path: Path) -> Iterator[Site]:
    """The service with its API open to whoever asks, to put it under load."""
    with site(migrated, tmp_path, environment="test", pool_size=10) as running:
        yield running


def test_production_answers_its_probes_and_keeps_its_secrets(production: Site) -> None:
    """Probes by address are 200, all else by address is refused; image, log and process list show no password."""
    assert answer(f"{production.origin}/healthz/live") == answer(f"{production.origin}/healthz/ready") == 200
    assert answer(f"{production.origin}/api/orders/") == 400
    assert answer(f"{production.origin}/healthz/identity?nonce=0123456789abcdef", host=HOST) != 200
    password = str(urlsplit(production.database_url).password)
    assert password not in production.web.text() + production.pooler.text()
    assert password not in run("podman", "inspect", SERVICE, POOLER)
    assert password not in run("ps", "-eo", "args")


def test_the_poolers_own_settings_are_in_force(production: Site) -> None:
    """What pgbouncer.ini says counts, together with what is written beside it; there is no other way in than TCP."""
    assert "max_client_conn: 200" in production.pooler.text()
    assert "unix:" not in production.pooler.text()


def test_the_containers_are_locked_down_for_real(production: Site) -> None:
    """Inside, the file system refuses a write, no capability is left, and the user is not root."""
    inside = (*PODMAN, "exec")
    for each in (production.web, production.pooler):
        shown = run(*inside, each.name, "sh", "-c", "id -u; grep CapEff /proc/self/status; touch /etc/x 2>&1 || true")
        user, capabilities, refusal = shown.splitlines()
        assert user in ("10001", "10002")
        assert int(capabilities.split()[1], 16) == 0
        assert "Read-only file system" in refusal


def test_the_image_holds_what_it_needs_and_no_tools(images: None) -> None:
    """No compiler and no installer of packages in the service's environment, no harness, no tests, no history."""
    found = run(*PODMAN, "run", "--rm", *LOCKED_DOWN, SERVICE, "sh", "-c", "ls /app /app/venv/bin")
    names = set(found.split())
    assert {"service", "rds-ca.pem", "gunicorn"} <= names
    assert not names & {"pip", "reglab", "tests", "bench", ".git", "manage.py"}
    compilers = "command -v gcc cc g++ make || true"
    assert run(*PODMAN, "run", "--rm", *LOCKED_DOWN, SERVICE, "sh", "-c", compilers) == ""


def test_syft_lists_what_is_in_it(images: None, tmp_path: Path) -> None:
    """The bill of materials names Django, and every package of the service's lock with its version."""
    archive, bill = tmp_path / "image.tar", tmp_path / "sbom.json"
    run("podman", "save", "--quiet", "--format", "docker-archive", "--output", str(archive), SERVICE)
    syft = Path(sys.executable).parent / "syft"
    run(str(syft), "scan", f"docker-archive:{archive}", "--quiet", "--output", f"spdx-json={bill}")
    packages = {
        (each["name"].lower(), each["versionInfo"])
        for each in json.loads(bill.read_text())["packages"]
        if "versionInfo" in each
    }
    lines = (ROOT / "requirements/service.txt").read_text(encoding="utf-8").splitlines()
    locked = [
        line.split()[0].partition("==") for line in lines if "==" in line and "sys_platform == 'win32'" not in line
    ]
    names = {name.partition("[")[0].lower(): version for name, _, version in locked}
    assert names["django"]
    listed = {name.replace("_", "-"): version for name, version in packages}
    assert {name: listed.get(name.replace("_", "-")) for name in names} == names


def test_sigterm_under_load_loses_no_acknowledged_write(open_site: Site) -> None:
    """Whatever was answered 201 is in the database after the service was told to stop, and it stops with 0."""
    url = urlsplit(open_site.origin)
    acknowledged: list[str] = []
    enough = Event()

    def write(writer: int) -> None:
        connection = HTTPConnection(str(url.hostname), url.port, timeout=30)
        for number in range(10_000):
            email = f"sigterm-{os.getpid()}-{writer}-{number}@load.invalid"
            body = json.dumps({"name": "Written while it stops", "email": email})
            try:
                connection.request("POST", "/api/customers/", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                connection.close()
                if open_site.web.process.poll() is not None:
                    return
                continue
            if response.status == 201:
                acknowledged.append(email)
            if len(acknowledged) >= 100:
                enough.set()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, writer) for writer in range(4)]
        assert enough.wait(300)
        code = open_site.web.stop(signal.SIGTERM, seconds=120)
        for each in writers:
            each.result(120)
    assert code == 0, open_site.web.text()
    with psycopg.connect(open_site.database_url) as connection:
        pattern = f"sigterm-{os.getpid()}-%"
        rows = connection.execute("SELECT email FROM orders_customer WHERE email LIKE %s", [pattern]).fetchall()
    assert set(acknowledged) <= {row[0] for row in rows}
    assert len(acknowledged) >= 100


def test_a_pool_of_two_serves_fifty_clients(production: Site) -> None:
    """Fifty at once find the database ready, or are told 503; none gets a 500 and none hangs."""
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: answer(f"{production.origin}/healthz/ready", seconds=60), range(200)))
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    with psycopg.connect(production.database_url) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'orders' AND pid <> pg_backend_pid()"
        ).fetchone() or (0,)
    assert count <= POOL_SIZE


def test_the_service_is_ready_again_after_a_restart_of_the_database(production: Site, migrated: Server) -> None:
    """PostgreSQL restarted under the pooler: the service says so, and is ready again without a restart of its own."""
    migrated.restart()
    wait_until_ready(f"{production.origin}/healthz/ready", production.web)
    assert production.web.process.poll() is None
    assert production.pooler.process.poll() is None


def test_the_image_passes_the_smoke_profile(open_site: Site, tmp_path: Path) -> None:
    """The project's own load test against the container: no write lost, no row against the ledger, no 5xx."""
    targets = tmp_path / "targets.toml"
    targets.write_text(
        f'schema_version = 1\n\n[[target]]\norigin = "{open_site.origin}"\nenvironment = "test"\n'
        "rate_rps_max = 100\nseconds_max = 300\nwrites_max = 5000\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "LOADTEST_TARGETS": str(targets), "LOADTEST_KEY": KEY, "PYTHONUTF8": "1"}
    environment["LOADTEST_DATABASE_URL"] = open_site.database_url
    command = [
        sys.executable,
        "manage.py",
        "load",
        "smoke",
        "--target",
        open_site.origin,
        "--run",
        str(tmp_path / "run"),
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    records = [json.loads(line) for line in (tmp_path / "run" / "load.jsonl").read_text(encoding="utf-8").splitlines()]
    found: dict[str, list[float]] = {}
    for record in records:
        if record.get("metric") in (
            "lost_writes",
            "ledger_violations",
            "leftover_rows",
            "server_error_rate",
            "requests",
        ):
            found.setdefault(record["metric"], []).extend(record["values"])
    assert max(found["requests"]) >= 300
    assert {name: max(values) for name, values in found.items() if name != "requests"} == {
        "lost_writes": 0,
        "ledger_violations": 0,
        "leftover_rows": 0,
        "server_error_rate": 0,
    }
