"""System that is put under load: a service that we run ourselves, or a target that somebody else runs."""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reglab.errors import LoadTestError
from reglab.load.http_client import Api
from reglab.load.server.service_process import migrate, running_service
from reglab.load.target import Target
from reglab.postgres.database_url import configured_url
from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from reglab.report.environment import revision

ROOT = Path.cwd()
# Enough rows for pages and indexes to matter; the run itself never writes to them.
SEED = {"customers": 100, "orders_per_customer": 5, "items_per_order": 3}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Where the load goes, and what is known of the processes behind it.

    `variables` is what the load-generating processes need in their environment. It holds the key: never print it.
    """

    origin: str
    variables: Mapping[str, str] = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    is_ours: bool = False
    service_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    service_pid: int | None = None
    database_pid: int | None = None
    access_log: Path | None = None


@contextmanager
def own_service(*, folder: Path, say: Say) -> Iterator[Subject]:
    """Run the service of this checkout on gunicorn, on a database of its own unless DATABASE_URL names one.

    Raises LoadTestError or ServerError.
    """
    with _database(say) as (database_url, database_pid):
        key = secrets.token_urlsafe(24)
        service_variables = {
            "SERVICE_ENVIRONMENT": "test",
            "DATABASE_URL": database_url,
            "SERVER_TIMING": "1",
            "CONN_MAX_AGE": "60",
            "EXTRA_APPS": "",
            "LOADTEST_KEY": key,
            "SERVICE_REVISION": revision(ROOT),
        }
        say("migrating")
        migrate(environment=service_variables, root=ROOT, log=folder / "migrate.log")
        with running_service(environment=service_variables, root=ROOT, folder=folder) as service:
            if database_pid:
                _seed(service.origin)
            yield Subject(
                origin=service.origin,
                variables={"LOADTEST_KEY": key, "LOADTEST_TARGETS": str(_allow(service.origin, folder))},
                database_url=database_url,
                is_ours=True,
                service_variables=service_variables,
                service_pid=service.process.pid,
                database_pid=database_pid,
                access_log=service.access_log,
            )


def foreign_target(origin: str) -> Subject:
    """Describe a target that somebody else runs. LOADTEST_DATABASE_URL lets its database be looked at."""
    return Subject(origin=origin, variables={}, database_url=os.environ.get("LOADTEST_DATABASE_URL") or None)


@contextmanager
def _database(say: Say) -> Iterator[tuple[str, int | None]]:
    url = configured_url()
    if url is not None:
        yield url, None
        return
    say("starting PostgreSQL")
    with Server.throwaway(settings=PRODUCTION_LIKE) as server:
        yield server.create_database("load"), server.pid


def _seed(origin: str) -> None:
    """Give the reads something to read, in a database that is thrown away afterwards."""
    api = Api(origin=origin, timeout_s=60.0)
    reply = api.request("POST", "/api/dev/seed/", SEED)
    api.close()
    if reply.status != 201:
        raise LoadTestError(f"POST /api/dev/seed/ answered {reply.status}: {reply.json}")


def _allow(origin: str, folder: Path) -> Path:
    """Write the allowlist of a run against our own service: its origin, and no other."""
    target = Target(origin=origin, environment="test", rate_rps_max=20_000, seconds_max=6 * 3600, writes_max=10_000_000)
    path = folder / "targets.toml"
    lines = [f"{name} = {json.dumps(getattr(target, name))}" for name in Target.__dataclass_fields__]
    path.write_text("\n".join(["schema_version = 1", "[[target]]", *lines, ""]), encoding="utf-8")
    return path
