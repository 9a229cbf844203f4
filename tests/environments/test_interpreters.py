"""Interpreters and frameworks: the audit runs on each pair, and the ledger has a section for each."""

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.environments.kiosks import PROJECT, Kiosk

pytestmark = [pytest.mark.slow, pytest.mark.once]
# The oldest and the newest that go together, and what lies between. docs/ci.md has the same table.
PAIRS = [("3.11", "4.2"), ("3.11", "5.2"), ("3.12", "6.0"), ("3.13", "6.1"), ("3.14", "6.1")]


@pytest.mark.parametrize(("python", "django"), PAIRS)
def test_the_audit_runs(kiosk: Kiosk, temporary: Path, tmp_path: Path, python: str, django: str) -> None:
    """It accepts into sections of its own, beside those of others, and passes in another process."""
    interpreter = _environment(tmp_path / "environment", python=python, django=django)
    before = _sections(kiosk)
    for options in (("--accept", f"Django {django} on Python {python}"), ()):
        done = subprocess.run(
            [interpreter, "-m", "reglab", "audit", *options],
            cwd=kiosk.folder,
            env={**kiosk.environment, "TMPDIR": str(temporary), "REGLAB_CACHE": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert before <= _sections(kiosk)
    assert f"postgresql django-{django}" in _sections(kiosk)


def _sections(kiosk: Kiosk) -> set[str]:
    found: set[str] = set()
    for path in (kiosk.folder / "ledger").glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        found.update(*(data.get(kind, {}) for kind in ("counters", "statements")))
    return found


def _environment(folder: Path, *, python: str, django: str) -> str:
    """Make a virtual environment with the package's own requirements and this Django."""
    interpreter = shutil.which(f"python{python}")
    if interpreter is None:
        pytest.skip(f"there is no Python {python} on this machine")
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*declared["dependencies"], *declared["optional-dependencies"]["postgres"], "psycopg[binary]"]
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    own = str(folder / "bin" / "python")
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([own, "-m", "pip", "install", "--quiet", *wanted, f"django=={django}.*"], check=True, env=quiet)
    return own
