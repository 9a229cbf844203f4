"""The field's own rules for templates and Dockerfiles, by checkov, in an environment of its own."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.material import ROOT

pytestmark = pytest.mark.slow

REQUIREMENTS = ROOT / "requirements" / "checkov.txt"


def program() -> Path:
    """Return checkov, installed by its lock where that has changed since the last time."""
    name = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = ROOT / "var" / "deploy" / f"checkov-{name}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
        (folder / "complete").touch()
    return folder / "bin" / "checkov"


def checked(folder: str) -> subprocess.CompletedProcess[str]:
    command = [str(program()), "--config-file", "deploy/checkov.yaml", "--directory", folder]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", ["deploy/stack", "deploy/image"])
def test_checkov_finds_nothing(folder: str) -> None:
    """Every rule of checkov holds, save for those that deploy/checkov.yaml leaves out."""
    done = checked(folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_checkov_sees_what_it_should(tmp_path: Path) -> None:
    """A database with a public address is found: the command looks at the files, and its exit code tells."""
    text = (ROOT / "deploy/stack/data.yaml").read_text(encoding="utf-8")
    (tmp_path / "data.yaml").write_text(text.replace("PubliclyAccessible: false", "PubliclyAccessible: true"))
    done = checked(str(tmp_path))
    assert done.returncode == 1
    assert "CKV_AWS_17" in done.stdout


def test_each_rule_that_is_left_out_has_its_reason() -> None:
    """Between two rules that are left out, or beside them, stands a comment."""
    text = (ROOT / "deploy/checkov.yaml").read_text(encoding="utf-8")
    lines = text[text.index("skip-check:") :].splitlines()[1:]
    names = yaml.safe_load(text)["skip-check"]
    for name in names:
        place = next(place for place, line in enumerate(lines) if name in line)
        assert "#" in lines[place] or lines[place - 1].strip().startswith("#"), name
