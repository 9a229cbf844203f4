"""A suite's scenarios as tests, and the words of a failing assertion; each in a pytest session of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TEST = """
import pytest

@pytest.mark.django_db
def test_counts(work):
    with work.scenario("books") as counted:
        assert counted["queries"] == 1
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Copy the shop, with a configuration that names its suite."""
    import shutil

    folder = tmp_path / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pytest.ini").write_text(
        "[pytest]\nDJANGO_SETTINGS_MODULE = shop_settings\npythonpath = .\ndjango_find_project = false\n",
        encoding="utf-8",
    )
    (folder / "reglab.toml").write_text('suite = "shop.toml"\n', encoding="utf-8")
    return folder


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a session in the shop."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-n0", *arguments],
        cwd=folder,
        env={**kept, "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_scenario_is_a_test_that_can_be_chosen(shop: Path) -> None:
    """`pytest SUITE -k NAME` runs that scenario alone: it answers as declared, or the test fails."""
    done = pytest_in(shop, "shop.toml", "-k", "authors")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 5 deselected" in done.stdout


def test_a_scenario_that_writes_elsewhere_is_a_failing_test(shop: Path) -> None:
    """The write-set of a scenario is part of its test: the shop's trigger writes a table that nobody allowed."""
    done = pytest_in(shop, "shop.toml", "-k", "sell")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "does not keep its write-set" in done.stdout


def test_a_failing_count_shows_the_statements_with_their_lines(shop: Path) -> None:
    """A failed assertion's report of the assertion holds expected, found, the SQL and its line."""
    (shop / "test_counts.py").write_text(TEST, encoding="utf-8")
    done = pytest_in(shop, "test_counts.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "queries of the scenario" in done.stdout
    assert "catalogue/views.py:17 in books" in done.stdout
