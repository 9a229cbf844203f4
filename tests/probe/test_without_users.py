"""Projects without sessions, and without users, are audited for access all the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"SERVICE_ENVIRONMENT", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "EXTRA_APPS", "PYTHONDEVMODE"}


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (("contrib.sessions", "contrib.auth.middleware"), ""),
        (("contrib.sessions", "contrib.auth"), "the project has no model of users"),
    ],
    ids=["no sessions", "no users"],
)
def test_access_is_audited_without(tmp_path: Path, left_out: tuple[str, ...], said: str) -> None:
    """Callers who need what the project has not are left out; the rest is tried, and the record says why."""
    folder = tmp_path / "site"
    source = ROOT / "tests" / "projects" / "everyday-names"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "site_settings.py"
    lines = settings.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not re.search("|".join(map(re.escape, left_out)), line)]
    settings.write_text("\n".join(kept) + "\n", encoding="utf-8")
    for command in (("init", "--settings", "site_settings"), ("probe", "access")):
        done = subprocess.run(
            [sys.executable, "-m", "reglab", *command],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if name not in OURS},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (record,) = folder.glob("var/runs/*/access.jsonl")
    assert said in record.read_text(encoding="utf-8")
    assert "harness" not in done.stderr
