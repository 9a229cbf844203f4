"""Images built once a run, one database that their own migrations made, and sites in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reglab.postgres.server import Server
from reglab.postgres.server_settings import PRODUCTION_LIKE
from tests.deploy.images.containers import POOLER, SERVICE, alone, build, build_base, container, missing_programs
from tests.deploy.images.site import REVISION, Site, migrating, site


@pytest.fixture(scope="session")
def images() -> None:
    """Both images, built from the repository as it is."""
    missing = missing_programs()
    assert not missing, f"{', '.join(missing)} is not installed: `tox -e deploy` installs it."
    with alone():
        build_base()
        build("deploy/image/Dockerfile", SERVICE, revision=REVISION)
        build("deploy/image/Dockerfile.pooler", POOLER)


@pytest.fixture(scope="session")
def database(images: None) -> Iterator[Server]:
    """A PostgreSQL with durability on, and the database as the image's own migrations leave it."""
    with Server.throwaway(settings=PRODUCTION_LIKE, tcp=True) as server:
        server.create_database("orders")
        yield server


@pytest.fixture(scope="session")
def migrated(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The migrations, run as the one-off task runs them."""
    command = ("python", "-m", "django", "migrate", "--no-input")
    variables = migrating(database)
    folder = tmp_path_factory.mktemp("migrate")
    with container(SERVICE, *command, environment=variables, options=("--memory", "512m"), folder=folder) as task:
        assert task.process.wait(600) == 0, task.text()
    return database


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


@pytest.fixture
def narrow_site(migrated: Server, tmp_path: Path) -> Iterator[Site]:
    """The open service with two connections to the database for all that it does."""
    with site(migrated, tmp_path, environment="test") as running:
        yield running


@pytest.fixture
def staging(migrated: Server, tmp_path: Path) -> Iterator[Site]:
    """The service as on staging, where only tokens may write."""
    with site(migrated, tmp_path, environment="staging", pool_size=10) as running:
        yield running


@pytest.fixture
def token(migrated: Server, tmp_path: Path) -> str:
    """A token for the load test, made as docs/deploy.md says."""
    command = ("python", "-m", "django", "create_token", "load-test", "--role", "manager")
    with container(SERVICE, *command, environment=migrating(migrated), folder=tmp_path) as task:
        assert task.process.wait(120) == 0, task.text()
        return task.text().split()[-1]
