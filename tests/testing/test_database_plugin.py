"""The plugin: a session without DATABASE_URL has its own PostgreSQL, from before the settings load to the very end."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres.owners import PROJECT, is_gone

SETTINGS = """
from environs import Env
DATABASES = {"default": Env().dj_db_url("DATABASE_URL")}
SECRET_KEY = "invented"
USE_TZ = True
"""
TESTS = """
import os
import pytest
from django.db import connection

@pytest.mark.django_db
@pytest.mark.parametrize("number", range(4))
def test_query(number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

@pytest.mark.postgres
def test_vendor():
    assert connection.vendor == "postgresql"

def test_environment():
    assert os.environ["SERVICE_ENVIRONMENT"] == "test"

def test_server():
    from pathlib import Path
    folder = Path(connection.settings_dict["HOST"]).parent
    Path("server").write_text((folder / "data" / "postmaster.pid").read_text())
"""
INI = """
[pytest]
DJANGO_SETTINGS_MODULE = invented_settings
django_find_project = false
addopts = -p reglab.testing.database_plugin -p pytest_django.plugin -p xdist.plugin -ra
markers = postgres: needs PostgreSQL
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Django project of two files that knows nothing of ours but the plugin."""
    (tmp_path / "invented_settings.py").write_text(SETTINGS)
    (tmp_path / "test_invented.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    return tmp_path


def run(
    project: Path, environment: dict[str, str], *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=project,
        # Only the plugins named above: the others of this environment take seconds to load.
        env={
            **environment,
            "PYTHONPATH": f"{PROJECT}:{project}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **variables,
        },
    )


def server_pid(project: Path) -> int:
    return int((project / "server").read_text().splitlines()[0])


def test_a_session_has_a_server_and_stops_it(project: Path, clean_environment: dict[str, str]) -> None:
    """The settings see the server's URL, the tests use it, and it is gone with the session."""
    finished = run(project, clean_environment)
    assert finished.returncode == 0, finished.stdout
    assert re.search(r"^database: a PostgreSQL of this session's own \(process \d+\)$", finished.stdout, re.MULTILINE)
    assert is_gone(server_pid(project))


def test_workers_share_the_server(project: Path, clean_environment: dict[str, str]) -> None:
    """Workers of pytest-xdist start nothing of their own: the server that they use is the one the header names."""
    finished = run(project, clean_environment, "-n", "2")
    assert finished.returncode == 0, finished.stdout
    assert f"(process {server_pid(project)})" in finished.stdout


def test_failing_tests_stop_the_server_too(project: Path, clean_environment: dict[str, str]) -> None:
    """A red session leaves no server, and stays red."""
    (project / "test_red.py").write_text("def test_red():\n    assert False\n")
    assert run(project, clean_environment).returncode == 1
    assert is_gone(server_pid(project))


def test_an_interrupted_session_stops_the_server(project: Path, clean_environment: dict[str, str]) -> None:
    """Ctrl-C leaves no server."""
    (project / "test_zz.py").write_text("def test_interrupted():\n    raise KeyboardInterrupt\n")
    assert run(project, clean_environment).returncode == 2
    assert is_gone(server_pid(project))


def test_a_usage_error_stops_the_server(
    project: Path, clean_environment: dict[str, str], reachable_folder: Path
) -> None:
    """A misspelt option ends the session after the server was started: its folder is gone all the same."""
    reachable_folder.chmod(0o777)
    finished = run(project, clean_environment, "--no-such-option", TMPDIR=str(reachable_folder))
    assert finished.returncode == 4
    assert "--no-such-option" in finished.stderr
    assert list(reachable_folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--collect-only", "--version", "--help"])
def test_no_server_where_no_test_runs(project: Path, clean_environment: dict[str, str], option: str) -> None:
    """Options that run no test start no server: not even a PostgreSQL that is missing matters."""
    finished = run(project, clean_environment, option, POSTGRES_BIN_DIR="/nowhere")
    assert finished.returncode == 0, finished.stderr


def test_a_missing_postgresql_is_one_message(project: Path, clean_environment: dict[str, str]) -> None:
    """Where no server can be started, the session ends with one clear sentence."""
    finished = run(project, clean_environment, POSTGRES_BIN_DIR="/nowhere")
    assert finished.returncode == 4
    assert "POSTGRES_BIN_DIR=/nowhere: no executable initdb and postgres there" in finished.stderr
    assert "Traceback" not in finished.stdout + finished.stderr


def test_postgres_tests_are_skipped_elsewhere(project: Path, clean_environment: dict[str, str]) -> None:
    """With SQLite, a test marked `postgres` is left out, with the reason."""
    finished = run(project, clean_environment, "-k", "query or vendor", DATABASE_URL="sqlite:///:memory:")
    assert finished.returncode == 0, finished.stdout
    assert "needs PostgreSQL; DATABASE_URL names sqlite" in finished.stdout
    assert "4 passed, 1 skipped" in finished.stdout


def test_the_header_keeps_the_password(project: Path, clean_environment: dict[str, str]) -> None:
    """The header names the database of DATABASE_URL without user and password."""
    url = "postgresql://someone:secret@127.0.0.1:1/orders"
    finished = run(project, clean_environment, "-k", "environment", DATABASE_URL=url)
    assert "database: postgresql at 127.0.0.1 (DATABASE_URL)" in finished.stdout
    assert "secret" not in finished.stdout
