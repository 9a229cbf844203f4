"""System that is put under load: a service that we run ourselves, or a target that somebody else runs."""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reglab.config.targets import Target
from reglab.load.load_module import VARIABLE as MODULE_VARIABLE
from reglab.load.load_module import LoadProject
from reglab.load.server.service_process import DEFAULT_SERVE, Service, check_migrated, migrate, running_service
from reglab.postgres.database_url import configured_url
from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from reglab.report.environment import revision

ENVIRONMENT: Final = "test"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Where the load goes, and what is known of the processes behind it.

    `variables` is what the load-generating processes need in their environment. It holds the key: never print it.
    """

    project: LoadProject
    origin: str
    variables: Mapping[str, str] = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    service_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    service_pid: int | None = None
    database_pid: int | None = None
    access_log: Path | None = None

    @property
    def all_variables(self) -> dict[str, str]:
        """This process's environment with the variables of the subject."""
        return os.environ | dict(self.variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnService:
    """The service of this checkout, started with the project's own command on a database of its own.

    A database that DATABASE_URL names is used as it is: neither migrated nor seeded.
    """

    project: LoadProject
    folder: Path
    say: Say

    @contextmanager
    def running(self) -> Iterator[Subject]:
        """Run it until the block is left. Raises LoadTestError or ServerError."""
        with self._database() as (database_url, database_pid):
            key = secrets.token_urlsafe(24)
            variables = self.variables(database_url, key)
            with self.serve(variables) as service:
                yield Subject(
                    project=self.project,
                    origin=service.origin,
                    variables={
                        "LOADTEST_KEY": key,
                        "LOADTEST_TARGETS": str(_allow(service.origin, self.folder)),
                        MODULE_VARIABLE: self.project.module,
                    },
                    database_url=database_url,
                    service_variables=variables,
                    service_pid=service.process.pid,
                    database_pid=database_pid,
                    access_log=service.access_log,
                )

    def variables(self, database_url: str, key: str) -> dict[str, str]:
        """Return the environment of the service."""
        present = revision(self.root)
        declared = {name: text.format(revision=present) for name, text in self.project.load.environment.items()}
        return {
            "DATABASE_URL": database_url,
            "LOADTEST_KEY": key,
            "LOADTEST_ENVIRONMENT": ENVIRONMENT,
            "LOADTEST_REVISION": present,
            **declared,
        }

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.project.folder.resolve()

    def serve(self, variables: Mapping[str, str], *, name: str = "service") -> AbstractContextManager[Service]:
        """Return the context in which the service runs with an environment."""
        return running_service(
            environment=variables,
            root=self.root,
            folder=self.folder,
            serve=self.project.project.serve or DEFAULT_SERVE,
            wsgi=_wsgi_application(),
            ready_path=self.project.load.ready_path,
            name=name,
        )

    @contextmanager
    def _database(self) -> Iterator[tuple[str, int | None]]:
        url = configured_url()
        log = self.folder / "migrate.log"
        if url is not None:
            check_migrated(environment=self.variables(url, ""), root=self.root, log=log)
            yield url, None
            return
        self.say("starting PostgreSQL")
        with Server.throwaway(settings=PRODUCTION_LIKE) as server:
            name = f"load_{secrets.token_hex(4)}"
            url = server.create_database(name)
            self.say("migrating")
            migrate(environment=self.variables(url, ""), root=self.root, log=log, database=name)
            yield url, server.pid


def named_database() -> str | None:
    """Return the URL of a foreign target's database, where LOADTEST_DATABASE_URL lets it be looked at."""
    return os.environ.get("LOADTEST_DATABASE_URL") or None


def foreign_target(origin: str, project: LoadProject) -> Subject:
    """Describe a target that somebody else runs."""
    return Subject(
        project=project,
        origin=origin,
        variables={MODULE_VARIABLE: project.module},
        database_url=named_database(),
    )


def _wsgi_application() -> str:
    """Return the project's application as servers want it named; nothing where its settings name none."""
    from django.conf import settings

    module, _, name = str(getattr(settings, "WSGI_APPLICATION", None) or "").rpartition(".")
    return f"{module}:{name}" if module else ""


def own_target(origin: str) -> Target:
    """Return the entry of a service that runs here for a load test alone."""
    return Target(
        origin=origin, environment=ENVIRONMENT, rate_rps_max=20_000, seconds_max=6 * 3600, writes_max=10_000_000
    )


def _allow(origin: str, folder: Path) -> Path:
    """Write the allowlist of a run against our own service: its origin, and no other."""
    target = own_target(origin)
    path = folder / "targets.toml"
    lines = [f"{name} = {json.dumps(getattr(target, name))}" for name in Target.__dataclass_fields__]
    path.write_text("\n".join(["schema_version = 1", "[[target]]", *lines, ""]), encoding="utf-8")
    return path
