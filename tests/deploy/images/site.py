"""A site: the service behind its pooler, in front of a database, as one task of ours runs them on AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reglab.postgres.server import Server
from tests.deploy.images.containers import POOLER, SERVICE, Container, container, free_port, run, wait_until_ready
from tests.deploy.material import Material, variables

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


def secrets_of(server: Server) -> dict[str, str]:
    url = urlsplit(server.tcp_url("orders"))
    return {"PGUSER": str(url.username), "PGPASSWORD": str(url.password)}


def settings(environment: str, server: Server) -> dict[str, str]:
    return {
        "SERVICE_ENVIRONMENT": environment,
        "SECRET_KEY": "only-for-this-test-" * 4,
        # A probe comes by the task's address: it has to be answered although that is no allowed host.
        "ALLOWED_HOSTS": HOST if environment == "production" else "127.0.0.1",
        # Staging is asked without a load balancer here, whose header says that the client came by TLS.
        "SECURE_SSL_REDIRECT": "1" if environment == "production" else "0",
        **secrets_of(server),
    }


def migrating(server: Server) -> dict[str, str]:
    """Return the variables of the migration: the task's own on AWS, with this database in place of RDS's."""
    plain = variables(Material.read().containers()["migrate"])
    limits = {name: value for name, value in plain.items() if name.endswith("_TIMEOUT_MS")}
    port = urlsplit(server.tcp_url("orders")).port
    return {**settings("production", server), **limits, "DATABASE_URL": f"postgresql://127.0.0.1:{port}/orders"}


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
    # The image's own command, on loopback instead of every address: a second --bind would be one more, not another one.
    own: list[str] = json.loads(run("podman", "inspect", "--format", "{{json .Config.Cmd}}", SERVICE))
    command = [f"127.0.0.1:{web_port}" if word == "0.0.0.0:8000" else word for word in own]
    assert command != own, own
    origin = f"http://127.0.0.1:{web_port}"
    with (
        container(POOLER, environment=pooling, options=("--memory", "64m"), folder=folder) as pooler,
        container(SERVICE, *command, environment=serving, options=("--memory", "512m"), folder=folder) as web,
    ):
        wait_until_ready(f"{origin}/healthz/ready", web)
        yield Site(web=web, pooler=pooler, origin=origin, database_url=server.tcp_url("orders"))
