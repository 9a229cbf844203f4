"""The wheel in a fresh environment, beside a project of its own Django, whose apps have everyday names."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.conftest import FreshEnvironment

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES_MAX = 20

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture
def everyday_names(tmp_path: Path) -> Path:
    """Copy the project whose apps are called reports, database, bench, service, tests and loadtests."""
    folder = tmp_path / "site"
    source = PROJECT / "tests" / "projects" / "everyday-names"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def runs(python: str) -> bool:
    """Tell an interpreter from a shim that stands for one that is not there."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


# Django 6.1 asks for Python 3.12 or later.
NEWER_PYTHON = next(
    (python for name in ("python3.13", "python3.12") if (python := shutil.which(name)) and runs(python)), None
)
needs_newer_python = pytest.mark.skipif(NEWER_PYTHON is None, reason="needs Python 3.12 or later for Django 6.1")


@pytest.mark.parametrize("django", ["4.2", "5.2", pytest.param("6.1", marks=needs_newer_python)])
def test_installing_moves_nothing_and_the_audit_finds_the_n_plus_one(
    wheel: Path, fresh_environment: Callable[..., FreshEnvironment], everyday_names: Path, django: str
) -> None:
    """Django, DRF and the driver stay as they were; `init` names the N+1 at its line, and the audit after it passes."""
    python = NEWER_PYTHON if django == "6.1" else sys.executable
    environment = fresh_environment(f"django=={django}.*", "djangorestframework", "psycopg2-binary", python=python)
    before = environment.frozen()
    environment.install(f"{wheel}[postgres]")
    after = environment.frozen()
    assert {name: after[name] for name in before} == before
    assert len(set(after) - set(before)) <= PACKAGES_MAX, sorted(set(after) - set(before))
    drafted = environment.run("reglab", "init", "--settings", "site_settings", folder=everyday_names)
    assert drafted.returncode == 0, drafted.stdout + drafted.stderr
    assert "database/views.py:10 in latest" in drafted.stdout
    audited = environment.run("reglab", "audit", folder=everyday_names)
    assert audited.returncode == 0, audited.stdout + audited.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [(("load", "smoke"), "load"), (("compare", "HEAD"), "timing")],
)
def test_a_missing_extra_is_one_sentence_that_names_it(
    wheel: Path,
    fresh_environment: Callable[..., FreshEnvironment],
    everyday_names: Path,
    command: tuple[str, ...],
    extra: str,
) -> None:
    """The base has neither Locust nor SciPy: a command that needs them says what to install."""
    environment = fresh_environment("django==5.2.*", str(wheel))
    done = environment.run("reglab", *command, "--settings", "site_settings", folder=everyday_names)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert f"regression-lab[{extra}]" in done.stderr
