"""The pull-request workflow's own lines, run as a runner runs them: no exit code and no report is lost in the shell."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reglab.report.renderings.markdown import MARKER
from tests.report.github_script import asked, needs_node
from tests.report.making import RUN, write_healthy_run

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "pull-request.yml").read_text(encoding="utf-8"))

# `tox exec -e gate -- COMMAND` runs the command with this test's interpreter: the environment is tox's own business.
TOX = """#!/bin/sh
shift 4
exec "$@"
"""


def step(job: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each
        for each in WORKFLOW["jobs"][job]["steps"]
        if name in (each.get("name"), each.get("uses", "").split("@")[0])
    )
    return found


def judged(folder: Path) -> tuple[int, str]:
    """Run the step that judges, in `folder`, and return its exit code with the step summary."""
    programs = folder / "programs"
    programs.mkdir()
    for name, text in (("tox", TOX), ("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    (folder / "summary.md").touch()
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CI": "true",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    command = step("gate", "One verdict over all records")["run"]
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode, (folder / "summary.md").read_text(encoding="utf-8")


def commented(folder: Path, comments: list[dict[str, Any]]) -> list[Any]:
    """Run the script that comments, in `folder`, and return what it asked of GitHub."""
    return asked(step("comment", "actions/github-script")["with"]["script"], folder=folder, comments=comments)


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """The artifact as the comment's job downloads it: two runs, the later with another report."""
    for run, text in (("20260130T120000Z-000000", "earlier"), (RUN, "later")):
        (tmp_path / "runs" / run).mkdir(parents=True)
        (tmp_path / "runs" / run / "report.md").write_text(f"{MARKER}\n{text}", encoding="utf-8")
    return tmp_path


def test_the_verdicts_exit_code_is_the_steps_and_its_report_is_on_the_page(tmp_path: Path) -> None:
    """A failing verdict fails the step, after its report was put on the run's page."""
    write_healthy_run(tmp_path / "var" / "runs" / RUN)  # healthy for the small policy, and not for the project's own
    code, summary = judged(tmp_path)
    assert (code, summary.startswith(f"{MARKER}\n## ❌ FAIL")) == (1, True)


def test_a_gate_that_left_no_run_fails_and_says_so(tmp_path: Path) -> None:
    """Without a run folder the step could not run: exit code 2, and the page says that there is no report."""
    code, summary = judged(tmp_path)
    assert (code, summary) == (2, "No report was written.\n")


@needs_node
def test_the_first_comment_is_made_of_the_latest_report(artifact: Path) -> None:
    """On a pull request without our comment, one is made, with the text of the last run's report."""
    ((verb, what),) = commented(artifact, [{"id": 1, "user": {"type": "User"}, "body": f"I quote {MARKER}"}])
    assert (verb, what["issue_number"], what["body"]) == ("create", 7, f"{MARKER}\nlater")


@needs_node
def test_the_comment_is_kept_up_to_date(artifact: Path) -> None:
    """Our own comment is found by its marker and rewritten; no second one is made."""
    ours = {"id": 5, "user": {"type": "Bot"}, "body": f"{MARKER}\nbefore"}
    ((verb, what),) = commented(artifact, [{"id": 4, "user": {"type": "Bot"}, "body": "coverage"}, ours])
    assert (verb, what["comment_id"], what["body"]) == ("update", 5, f"{MARKER}\nlater")


@needs_node
@pytest.mark.parametrize("folder", ["runs", "nothing-was-downloaded"])
def test_a_gate_without_a_report_is_said_in_the_comment(tmp_path: Path, folder: str) -> None:
    """Where no run left a report, the comment says so instead of keeping a green one of before."""
    (tmp_path / folder).mkdir()
    ours = {"id": 5, "user": {"type": "Bot"}, "body": f"{MARKER}\n## ✅ PASS"}
    ((_, what),) = commented(tmp_path, [ours])
    assert what["body"].startswith(f"{MARKER}\n## ❌")
