"""The README shows what happens: its planted bug, its command, its output."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PARTS = ("service", "bench", "loadtests", "reports", "reglab", "tests", "tools", "pyproject.toml", "manage.py")


def _copy(folder: Path) -> Path:
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    return folder


def _audited(folder: Path, *, patch: str, only: str) -> subprocess.CompletedProcess[str]:
    """Plant a patch in a copy as the README does, and audit the scenarios that it concerns."""
    subprocess.run(["git", "apply", f"tools/planted/regressions/{patch}.patch"], cwd=_copy(folder), check=True)
    return subprocess.run(
        [sys.executable, "manage.py", "audit", "--only", only],
        cwd=folder,
        env={**os.environ, "EXTRA_APPS": "reglab"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.postgres
def test_the_shown_failure_is_what_the_audit_prints(tmp_path: Path) -> None:
    """The README's bug exits 1, and the finding that the README shows is the first that is told in full."""
    shown = re.search(r"```text\n(FAIL .*?)\n```", (PROJECT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown, "the README shows no failure"
    done = _audited(tmp_path, patch="cancel-deletes-the-customer", only="cancel-order")
    assert done.returncode == 1, done.stderr
    first = done.stdout[done.stdout.index("FAIL ") :]
    assert first.startswith(shown.group(1))


@pytest.mark.slow
@pytest.mark.postgres
def test_a_summary_that_is_a_loop_names_the_endpoint_and_both_counts(tmp_path: Path) -> None:
    """The loop of before the repair exits 1 and says 1 query expected, and how many it found."""
    done = _audited(tmp_path, patch="summary-as-a-loop", only="summary")
    assert done.returncode == 1, done.stderr
    assert "GET /api/orders/summary/" in done.stdout
    assert re.search(r"\d+ queries", done.stdout)
