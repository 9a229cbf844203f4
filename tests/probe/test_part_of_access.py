"""A part of the audit of access runs where closed settings have fewer URLs than the suite asks for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.report.record_files import read_record

ROOT = Path(__file__).parents[2]
OURS = {"SERVICE_ENVIRONMENT", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "EXTRA_APPS", "PYTHONDEVMODE"}
OPEN_ONLY = """
import os
if not os.environ.get("SITE_IS_CLOSED"):
    urlpatterns.append(path("open-only/", titles, {"model": Report}))
"""
CONFIGURATION = """
settings = "site_settings"
closed = { SITE_IS_CLOSED = "yes" }
"""


def ran(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reglab", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in OURS},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.once
def test_a_pattern_is_looked_up_under_open_settings(tmp_path: Path) -> None:
    """The scenario is audited; a URL that only open settings have is no mistake of the suite's.

    A part is never accepted: all other lines of the matrix would go.
    """
    folder = tmp_path / "site"
    source = ROOT / "tests" / "projects" / "everyday-names"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "site_urls.py").open("a", encoding="utf-8") as urls:
        urls.write(OPEN_ONLY)
    (folder / "reglab.toml").write_text(CONFIGURATION, encoding="utf-8")
    drafted = ran(folder, "init")
    assert drafted.returncode == 0, drafted.stdout + drafted.stderr
    suite = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.toml"))
    assert "/open-only/" in suite
    done = ran(folder, "probe", "access", "--only", "get-reports")
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = folder.glob("var/runs/*/access.jsonl")
    tried = next(one for one in read_record(record).measurements if one.metric.name == "cells_tried")
    assert tried.value > 0
    matrix = ran(folder, "probe", "access", "--accept", "As it is.")
    assert matrix.returncode == 0, matrix.stdout + matrix.stderr
    refused = ran(folder, "probe", "access", "--only", "get-reports", "--accept", "One alone")
    assert refused.returncode == 2, refused.stdout
    assert "in the place of what it had: leave --only out" in refused.stderr
    (path,) = folder.rglob("access.toml")
    assert "get-tests" in path.read_text(encoding="utf-8")


@pytest.mark.once
@pytest.mark.parametrize(("audits", "code"), [(["injection"], 2), ([], 2), (["atomicity"], 0)])
def test_jobs_alone_are_refused_by_audits_that_ask(tmp_path: Path, audits: list[str], code: int) -> None:
    """No client sends a job, so nothing would be asked. Its writes can be interrupted all the same."""
    folder = tmp_path / "20260101T000000Z-000000"
    done = ran(ROOT, "probe", *audits, "--only", "create-token-of-nobody", "--run", str(folder))
    assert done.returncode == code, done.stdout + done.stderr
    assert ("matches jobs alone" in done.stderr) is (code == 2)
