"""Pull requests that add things: the lines that our workflow and our GitLab example run, on such a change."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.environments.kiosks import PROJECT, Kiosk

WORKFLOW = PROJECT / ".github" / "workflows" / "pull-request.yml"
# `tox run -e gate` runs the gate, and `tox exec -e gate -- COMMAND` a command, with this test's interpreter.
TOX = """#!/bin/sh
if [ "$1" = run ]; then exec python manage.py gate; fi
shift 4
exec "$@"
"""
DETAIL = '''

@require_GET
def paper(request: HttpRequest, pk: int) -> JsonResponse:
    """Show one paper."""
    found = get_object_or_404(Paper, pk=pk)
    return JsonResponse({"title": found.title, "cents": found.cents})
'''
MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]
    operations = [migrations.AddField("paper", "cents", models.IntegerField(default=100))]
"""
SCENARIO = """
[[scenario]]
name = "paper"
request = "GET /papers/{paper}/"
"""


def replace(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def add_a_feature(kiosk: Kiosk) -> None:
    """Add a column with its migration, a field to the list's answer, and a new endpoint with its scenario."""
    stock = kiosk.folder / "stock"
    replace(stock / "models.py", "    def __str__", "    cents = models.IntegerField(default=100)\n\n    def __str__")
    (stock / "migrations" / "0002_paper_cents.py").write_text(MIGRATION, encoding="utf-8")
    replace(stock / "views.py", '"title", "copies")', '"title", "copies", "cents")')
    (stock / "views.py").write_text((stock / "views.py").read_text(encoding="utf-8") + DETAIL, encoding="utf-8")
    replace(kiosk.folder / "kiosk_urls.py", "]\n", '    path("papers/<int:pk>/", views.paper, name="paper"),\n]\n')
    suite = kiosk.folder / "suite" / "kiosk.toml"
    replace(suite, "\n[[race]]", f"{SCENARIO}\n[[race]]")


def programs(folder: Path, tox: str) -> Path:
    """Make a folder with a `tox`, and a `python` and a `reglab` that are this test's."""
    place = folder / "programs"
    place.mkdir()
    for name, text in {
        "tox": tox,
        "python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
        "reglab": f'#!/bin/sh\nexec "{sys.executable}" -m reglab "$@"\n',
    }.items():
        (place / name).write_text(text, encoding="utf-8")
        (place / name).chmod(0o755)
    return place


def workflow_steps() -> list[str]:
    """Return what the workflow's gate runs after its installation, in order."""
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["gate"]["steps"]
    lines = [step["run"] for step in steps if "run" in step]
    return [line for line in lines if "pip install" not in line]


def gitlab_script() -> str:
    """Return the script of the GitLab example, as a runner joins its lines."""
    text = (PROJECT / "docs" / "ci.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## GitLab\n\n```yaml\n(.*?)```", text, re.DOTALL)
    return "\n".join(yaml.safe_load(block)["gate"]["script"])


@pytest.mark.slow
@pytest.mark.once
def test_a_pull_request_with_a_feature_passes_the_workflow(kiosk: Kiosk, temporary: Path, tmp_path: Path) -> None:
    """A new endpoint with its scenario, and a changed answer that the ledger accepts, pass from beginning to end."""
    base = kiosk.git("rev-parse", "HEAD")
    kiosk.git("checkout", "--quiet", "-b", "feature")
    add_a_feature(kiosk)
    accepted = kiosk.run("audit", "--accept", "papers have a price", TMPDIR=str(temporary))
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    (summary := tmp_path / "summary.md").touch()
    subprocess.run(["rm", "-rf", str(kiosk.folder / "var")], check=True)
    kiosk.commit("Papers have a price, and a page")
    variables = {
        **kiosk.environment,
        "PATH": f"{programs(tmp_path, TOX)}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(temporary),
        "BASE": base,
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    for step in workflow_steps():
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step],
            cwd=kiosk.folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (step, done.stdout, done.stderr)
    assert "not timed: " in (kiosk.folder / "var" / "runs" / latest(kiosk) / "compare.jsonl").read_text(
        encoding="utf-8"
    )
    assert "PASS" in summary.read_text(encoding="utf-8")


def latest(kiosk: Kiosk) -> str:
    return max(path.name for path in (kiosk.folder / "var" / "runs").iterdir())


@pytest.mark.parametrize(
    ("gate", "compare", "judged", "expected"),
    [(0, 0, 0, 0), (1, 0, 1, 1), (1, 2, 1, 1), (0, 2, 0, 2), (2, 0, 3, 2), (3, 3, 3, 3), (0, 0, 3, 3), (137, 0, 3, 3)],
)
def test_the_gitlab_example_reaches_the_verdict(
    tmp_path: Path, gate: int, compare: int, judged: int, expected: int
) -> None:
    """Whatever the gate and the comparison end with, the verdict over all records comes, and the worst code counts."""
    (tmp_path / "var" / "runs" / "20260131T120000Z-9f86d0").mkdir(parents=True)
    tox = f"""#!/bin/sh
echo "$*" >> asked
case "$*" in *" compare "*) exit {compare} ;; *judge*) exit {judged} ;; *) exit {gate} ;; esac
"""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", gitlab_script()],
        cwd=tmp_path,
        env={
            "PATH": f"{programs(tmp_path, tox)}{os.pathsep}{os.environ['PATH']}",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": "0123456",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, done.stderr
    assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines()[-1].endswith("reglab report judge latest")
