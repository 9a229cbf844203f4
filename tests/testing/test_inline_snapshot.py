"""Expectations that inline-snapshot writes: budgets and counts, made and mended in the source of a test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TEST = """
import pytest
from inline_snapshot import snapshot
from catalogue.models import Book

@pytest.mark.django_db
def test_expectations(work, query_budget):
    with work.scenario("books") as counted:
        assert counted["queries"] == snapshot({queries})
    with query_budget(snapshot({exactly})):
        list(Book.objects.all())
    with query_budget(at_most=snapshot({at_most})):
        list(Book.objects.all())
"""
# Only the plugins that it needs: the others of this environment take seconds to load.
INI = """
[pytest]
DJANGO_SETTINGS_MODULE = shop_settings
pythonpath = .
django_find_project = false
addopts = -p pytest_django.plugin -p inline_snapshot.pytest_plugin -p reglab.testing.plugin -p no:cacheprovider
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop with its suite."""
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pytest.ini").write_text(INI, encoding="utf-8")
    (folder / "reglab.toml").write_text('suite = "shop.toml"\n', encoding="utf-8")
    return folder


def session(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tests as on a desk: inline-snapshot writes nothing where it takes the place for CI."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "DATABASE"))
    }
    kept.pop("CI", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "test_expectations.py", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PROJECT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("flag", "written"),
    [("create", {"queries": "", "exactly": "", "at_most": ""}), ("fix", {"queries": 1, "exactly": 7, "at_most": 0})],
)
def test_expectations_are_written_and_mended(shop: Path, flag: str, written: dict[str, object]) -> None:
    """`--inline-snapshot` puts in what was counted; from then on the test passes, and counts."""
    path = shop / "test_expectations.py"
    path.write_text(TEST.format(**written), encoding="utf-8")
    done = session(shop, f"--inline-snapshot={flag}")
    text = path.read_text(encoding="utf-8")
    assert text == TEST.format(queries=5, exactly=1, at_most=1), done.stdout + done.stderr
    assert session(shop).returncode == 0
    path.write_text(text.replace("snapshot(5)", "snapshot(6)"), encoding="utf-8")
    assert session(shop, "--inline-snapshot=disable").returncode == 1
