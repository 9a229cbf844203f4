"""Migrated files of SQLite are kept: an audit migrates once, and what it measures on a copy is the same."""

from pathlib import Path

import pytest

from tests.project.copied_sites import Site

pytestmark = [pytest.mark.slow, pytest.mark.once]

PROJECT = Path(__file__).parents[1] / "projects" / "two-models-one-name"
# A migration that can be forbidden to run: whoever migrates then fails.
FORBIDDEN = """
import os
from django.db import migrations

def refuse(apps, schema_editor):
    if os.environ.get("NO_MIGRATING"):
        raise RuntimeError("migrated again")

class Migration(migrations.Migration):
    dependencies = [("{app}", "0001_initial")]
    operations = [migrations.RunPython(refuse)]
"""


def test_what_is_migrated_once_is_copied_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init` migrates; the audit after it does not, and passes. With other migrations, everything is migrated anew."""
    monkeypatch.setenv("REGLAB_CACHE", str(tmp_path / "cache"))
    site = Site.copied(PROJECT, tmp_path / "site")
    app = next(path.parent for path in sorted(site.folder.glob("*/migrations/__init__.py")))
    migration = app / "0002_forbidden.py"
    migration.write_text(FORBIDDEN.replace("{app}", app.parent.name), encoding="utf-8")
    done = site.run("init", "--settings", "site_settings")
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.setenv("NO_MIGRATING", "1")
    audited = site.run("audit", hash_seed=1)
    assert audited.returncode == 0, audited.stdout + audited.stderr
    migration.write_text(migration.read_text(encoding="utf-8") + "\n# another text\n", encoding="utf-8")
    again = site.run("audit")
    assert again.returncode == 2
    assert "migrating an empty database fails with RuntimeError: migrated again" in again.stderr
    assert "Traceback" not in again.stderr


def test_an_audit_without_a_cache_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`REGLAB_CACHE=off`: each audit migrates, and passes all the same."""
    monkeypatch.setenv("REGLAB_CACHE", "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = Site.copied(PROJECT, tmp_path / "site")
    assert site.run("init", "--settings", "site_settings").returncode == 0
    assert site.run("audit", hash_seed=1).returncode == 0
    assert not (tmp_path / "cache" / "regression-lab").exists()
