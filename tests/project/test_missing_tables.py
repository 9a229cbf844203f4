"""A project whose models are ahead of its migrations is told so, and nothing is drafted."""

import shutil
from pathlib import Path

import pytest

from tests.project.copied_sites import Site

pytestmark = [pytest.mark.slow, pytest.mark.once]

PROJECT = Path(__file__).parents[1] / "projects" / "two-models-one-name"


def _site(folder: Path) -> Site:
    site = Site.copied(PROJECT, folder)
    assert (site.folder / "shop" / "migrations").is_dir()
    return site


def test_models_without_migrations_stop_the_draft(tmp_path: Path) -> None:
    """The command that makes them is named, and no suite with nothing but failures is left behind."""
    site = _site(tmp_path / "site")
    for path in (site.folder / "shop" / "migrations").glob("0*.py"):
        path.unlink()
    done = site.run("init", "--settings", "site_settings")
    assert done.returncode == 2, done.stdout + done.stderr
    said = " ".join(done.stderr.split())
    assert "has no table, although every migration ran" in said
    assert "`python manage.py makemigrations shop`" in said
    assert not (site.folder / "regression-lab").exists()


def test_a_field_without_a_migration_stops_the_draft(tmp_path: Path) -> None:
    """A column that no migration adds is told with its field."""
    site = _site(tmp_path / "site")
    models = site.folder / "shop" / "models.py"
    text = models.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if " = models." in line)
    models.write_text(text.replace(first, f"{first}\n    colour = models.CharField(max_length=9)", 1), encoding="utf-8")
    shutil.rmtree(site.folder / "shop" / "__pycache__", ignore_errors=True)
    done = site.run("init", "--settings", "site_settings")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "has no column for 'colour', although every migration ran" in " ".join(done.stderr.split())
