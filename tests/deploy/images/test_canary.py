"""The canary's image, locked down, against the service's containers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest

from tests.deploy.images.containers import LOAD, alone, build, container
from tests.deploy.images.site import KEY, Site
from tests.deploy.material import Material

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def canary(images: None) -> tuple[str, ...]:
    """The image, and the command of the task on AWS but for its target."""
    with alone():
        build("deploy/image/Dockerfile.load", LOAD)
    return tuple(Material.read().containers("canary")["canary"]["Command"][:-1])


def sung(command: tuple[str, ...], site: Site, token: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """Run the canary once, and return its exit code and its one line of JSON."""
    variables = {"LOADTEST_KEY": KEY, "LOADTEST_TOKEN": token}
    with container(
        LOAD, *command, site.origin, environment=variables, options=("--memory", "2g"), folder=folder
    ) as task:
        code = task.process.wait(300)
        lines = [line for line in task.text().splitlines() if line.startswith('{"canary"')]
        assert len(lines) == 1, task.text()
        line: dict[str, Any] = json.loads(lines[0])
        return code, line


@contextmanager
def thief(url: str) -> Iterator[None]:
    """Let the database lose one order's lines while the canary writes, as a faulty service would."""
    stopped = Event()

    def steal() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not stopped.wait(0.2):
                connection.execute(
                    "DELETE FROM orders_orderitem WHERE id IN "
                    "(SELECT id FROM orders_orderitem WHERE id > %s ORDER BY id DESC LIMIT 1)",
                    [floor],
                )

    with psycopg.connect(url) as connection:
        (floor,) = connection.execute("SELECT coalesce(max(id), 0) FROM orders_orderitem").fetchone() or (0,)
    thread = Thread(target=steal)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(30)


def test_a_canary_of_a_sound_service_counts_no_broken_write(
    canary: tuple[str, ...], staging: Site, token: str, tmp_path: Path
) -> None:
    """Read-only and without capabilities it sends, reconciles and cleans up: 0 in its line, exit code 0."""
    code, line = sung(canary, staging, token, tmp_path)
    assert (code, line["broken"], line["canary"]) == (0, 0, "staging")


def test_a_lost_write_is_counted(canary: tuple[str, ...], staging: Site, token: str, tmp_path: Path) -> None:
    """Rows that vanish after their acknowledgement are a number above 0, with the write's name, and exit code 1."""
    with thief(staging.database_url):
        code, line = sung(canary, staging, token, tmp_path)
    assert code == 1
    assert line["broken"] > 0
    assert line["evidence"]


def test_a_service_with_another_key_is_sent_nothing(
    canary: tuple[str, ...], production: Site, token: str, tmp_path: Path
) -> None:
    """Production, which has no identity, is no target: no number in the line, and exit code 2."""
    code, line = sung(canary, production, token, tmp_path)
    assert (code, "broken" in line) == (2, False)
    with psycopg.connect(production.database_url) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM orders_customer WHERE email LIKE '%%load%%'"
        ).fetchone() or (0,)
    assert count == 0
