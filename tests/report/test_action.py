"""The action's own lines, run as a runner runs them, on a project that is no part of this repository's service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.report.github_script import asked, needs_node

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
OURS = {"SERVICE_ENVIRONMENT", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "EXTRA_APPS", "PYTHONDEVMODE"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A drafted project on SQLite."""
    folder = tmp_path / "project"
    source = ROOT / "tests" / "projects" / "everyday-names"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-m", "reglab", "init", "--settings", "site_settings"],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.rmtree(folder / "var")
    return folder


def _environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OURS} | more


def measured(project: Path, tmp_path: Path, **inputs: str) -> tuple[int, str, str]:
    """Run the step that measures; return its exit code, its output and the step summary."""
    (step,) = (each for each in ACTION["runs"]["steps"] if each.get("id") == "verdict")
    programs = tmp_path / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (programs / "python").chmod(0o755)
    output, summary = tmp_path / "output", tmp_path / "summary"
    output.write_text("", encoding="utf-8")
    summary.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=project,
        env=_environment(
            PATH=f"{programs}:{os.environ['PATH']}",
            GITHUB_OUTPUT=str(output),
            GITHUB_STEP_SUMMARY=str(summary),
            **({"COMMAND": "audit", "COMPARE": "false", "BASE": ""} | inputs),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, output.read_text(encoding="utf-8"), summary.read_text(encoding="utf-8")


def test_a_comparison_that_cannot_run_is_no_pass(project: Path, tmp_path: Path) -> None:
    """Without its extra, or with a base that is not there, it leaves no record: the step itself says so."""
    status, output, _ = measured(project, tmp_path, COMPARE="true", BASE="no-such-revision")
    assert status == 2, output


def test_the_exit_code_is_the_verdict(project: Path, tmp_path: Path) -> None:
    """Unchanged code passes; a view that asks for each row fails, and the summary has the report."""
    assert measured(project, tmp_path)[:2] == (0, "outcome=pass\n")
    views = project / "site_urls.py"
    text = views.read_text(encoding="utf-8")
    views.write_text(text + "\nimport nothing_of_this_name\n", encoding="utf-8")
    code, output, _ = measured(project, tmp_path)
    assert (code, output) == (2, "outcome=could-not-run\n")


def test_an_unknown_command_could_not_run(project: Path, tmp_path: Path) -> None:
    """A misspelt input is an error, and never a pass."""
    assert measured(project, tmp_path, COMMAND="adit")[0] == 2


def test_the_example_names_inputs_that_there_are() -> None:
    """The docs' example sets inputs of the action, and nothing else."""
    text = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
    example = yaml.safe_load(text.rpartition("```yaml\n")[2].partition("```")[0])
    steps = example["jobs"]["gate"]["steps"]
    (ours,) = (each for each in steps if "regression-lab" in each["uses"])
    assert set(ours["with"]) <= set(ACTION["inputs"])


@needs_node
@pytest.mark.parametrize("status", ["", "403"])
def test_the_comment_is_the_latest_report(tmp_path: Path, status: str) -> None:
    """One comment is made of the last run's report; where the token may not write, the job goes on without."""
    (script,) = (each["with"]["script"] for each in ACTION["runs"]["steps"] if each.get("name") == "Comment")
    for run in ("20260130T120000Z-000000", "20260130T130000Z-000000"):
        (tmp_path / "own" / run).mkdir(parents=True)
        (tmp_path / "own" / run / "report.md").write_text(f"the report of {run}", encoding="utf-8")
    found = asked(script, folder=tmp_path, comments=[], RUNS="own", REFUSED=status)
    bodies = [what["body"] for _, what in found]
    assert bodies == ([] if status else ["the report of 20260130T130000Z-000000"])
