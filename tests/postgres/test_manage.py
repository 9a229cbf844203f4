"""`manage.py`: a development database when there is none, and pytest behind `manage.py test`."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from manage import HARNESS_COMMANDS
from tests.postgres.owners import PROJECT, is_gone, wait_until
from tests.runner import path_of

TESTS = """
import os
import pytest

def test_green():
    assert os.environ["SERVICE_ENVIRONMENT"] == "test"

class TestRed:
    def test_red(self):
        assert False

@pytest.mark.django_db
def test_database():
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
"""


@pytest.fixture
def checkout(reachable_folder: Path) -> Path:
    """A checkout of the project with a `var/` and tests of its own."""
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, reachable_folder / name)
    for name in ("service", "reglab"):
        (reachable_folder / name).symlink_to(PROJECT / name)
    tests = reachable_folder / "tests"
    tests.mkdir()
    shutil.copy(PROJECT / "tests" / "runner.py", tests / "runner.py")
    (tests / "test_invented.py").write_text(TESTS)
    return reachable_folder


@pytest.fixture
def environment(clean_environment: dict[str, str]) -> dict[str, str]:
    """The user's environment, with the service alone."""
    return {**clean_environment, "EXTRA_APPS": ""}


def manage(
    checkout: Path, environment: dict[str, str], *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=checkout,
        env={**environment, **variables},
    )


def test_migrate_creates_a_database_that_stays(checkout: Path, environment: dict[str, str]) -> None:
    """Without DATABASE_URL, one command's migrations are there for the next."""
    first = manage(checkout, environment, "migrate")
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines()[0].startswith("DATABASE_URL is unset: started the development PostgreSQL")
    second = manage(checkout, environment, "migrate", "--check")
    assert second.returncode == 0, second.stderr
    assert not (checkout / "var" / "postgres" / "data" / "postmaster.pid").exists()


def test_check_passes(checkout: Path, environment: dict[str, str]) -> None:
    """Django's system check finds nothing on the development database."""
    finished = manage(checkout, environment, "check", "--database", "default")
    assert (finished.returncode, finished.stdout) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize("arguments", [(), ("help",), ("version",), ("migrate", "--help"), ("--version",)])
def test_help_needs_no_server(checkout: Path, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    """Commands that use no database start none, and work where there is no PostgreSQL."""
    finished = manage(checkout, environment, *arguments, POSTGRES_BIN_DIR="/nowhere")
    assert finished.returncode == 0, finished.stderr
    assert not (checkout / "var").exists()


def test_database_url_is_obeyed(checkout: Path, environment: dict[str, str]) -> None:
    """With DATABASE_URL, nothing is started and nothing is said."""
    finished = manage(checkout, environment, "check", DATABASE_URL="sqlite:///:memory:")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert not (checkout / "var").exists()


def test_a_missing_postgresql_is_one_line(checkout: Path, environment: dict[str, str]) -> None:
    """A user without a PostgreSQL reads what to do, and gets exit code 2."""
    finished = manage(checkout, environment, "migrate", POSTGRES_BIN_DIR="/nowhere")
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert finished.stderr.startswith("manage.py: POSTGRES_BIN_DIR=/nowhere: no executable initdb and postgres there")


def test_production_needs_no_package_of_the_harness(checkout: Path, clean_environment: dict[str, str]) -> None:
    """With DATABASE_URL in production, manage.py works where the harness's packages are not installed."""
    (checkout / "psutil.py").write_text("raise ModuleNotFoundError('not here', name='psutil')")
    variables = {"DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "invented" * 8, "ALLOWED_HOSTS": "shop.example"}
    finished = manage(checkout, clean_environment, "check", SERVICE_ENVIRONMENT="production", **variables)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.slow
def test_runserver_shares_its_server_and_stops_it(checkout: Path, environment: dict[str, str]) -> None:
    """While runserver runs, other commands join its PostgreSQL; Ctrl-C ends both."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=checkout,
        env=environment,
        start_new_session=True,
    ) as runserver:
        try:
            wait_until(lambda: answers(port), what="runserver to answer")
            server_pid = int((checkout / "var/postgres/data/postmaster.pid").read_text().splitlines()[0])
            joined = manage(checkout, environment, "migrate")
            assert joined.returncode == 0, joined.stderr
            assert "joined the development PostgreSQL" in joined.stderr
            assert not is_gone(server_pid)
        finally:
            os.killpg(runserver.pid, signal.SIGINT)  # what Ctrl-C on a terminal does
        runserver.wait(60)
    assert is_gone(server_pid)


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("tests", "tests"),
        ("tests/test_invented.py::test_green", "tests/test_invented.py::test_green"),
        ("tests.test_invented", "tests/test_invented.py"),
        ("tests.test_invented.TestRed.test_red", "tests/test_invented.py::TestRed::test_red"),
        ("tests.no_such_module", "tests.no_such_module"),
    ],
)
def test_djangos_labels_become_paths(checkout: Path, monkeypatch: pytest.MonkeyPatch, label: str, path: str) -> None:
    """A dotted label is found as a path; what is found nowhere stays as the user wrote it, for pytest to refuse."""
    monkeypatch.chdir(checkout)
    assert path_of(label) == path


@pytest.mark.parametrize(
    ("arguments", "code", "outcome"),
    [
        (("tests.test_invented.test_database",), 0, "1 passed"),
        (("tests", "--failfast", "--keepdb", "-v", "2"), 1, "stopping after 1 failures"),
    ],
    ids=["green", "red"],
)
def test_tests_run_by_pytest(
    checkout: Path, environment: dict[str, str], arguments: tuple[str, ...], code: int, outcome: str
) -> None:
    """`manage.py test` runs pytest on a server of its own, and is red when pytest is."""
    finished = manage(checkout, environment, "test", *arguments)
    assert finished.returncode == code, finished.stdout
    assert outcome in finished.stdout
    assert not (checkout / "var").exists()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/live", timeout=5):
            return True
    except HTTPError:
        return True
    except URLError:
        return False


def test_no_command_of_the_harness_needs_the_development_server() -> None:
    """Each starts a server of its own: the shared one goes with whichever command started it, also in another gate."""
    commands = {
        path.stem
        for package in ("reglab",)
        for path in (PROJECT / package / "management" / "commands").glob("[!_]*.py")
    }
    assert commands == set(HARNESS_COMMANDS)
