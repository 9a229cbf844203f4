"""Examples of the docs run as they are pasted: into a test of the orders service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documented import FENCE, ROOT

pytestmark = pytest.mark.once


def test_every_example_of_the_fixtures_passes(tmp_path: Path) -> None:
    """Each block of the section "In tests" is a module of tests, and every one of its tests passes."""
    section = (
        (ROOT / "docs" / "audit.md").read_text(encoding="utf-8").partition("## In tests\n")[2].partition("\n## ")[0]
    )
    examples = [text for language, text in FENCE.findall(section) if language == "python"]
    assert len(examples) == 2
    for number, text in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        # In this project's own configuration: its settings, its suite.
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n0",
            f"--rootdir={ROOT}",
            f"--config-file={ROOT}/pyproject.toml",
            str(tmp_path),
        ],
        cwd=ROOT,
        env={**kept, "DATABASE_URL": "sqlite:///:memory:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tests = sum(text.count("def test_") for text in examples)
    assert f"{tests} passed" in done.stdout
