"""A suite measured in several processes, in shards, or not to its end, on a project that nobody prepared."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.project.copied_sites import REPOSITORY, Site

# What the first request of a process leaves behind for the next is a few calls.
OF_PYTHON = {"python_calls", "c_calls", "peak_memory_bytes"}
# The session's first process is the audit itself, whichever of its workers runs the view.
ENDED_AT_16_ROWS = """

def ending(request, *, model):
    import os, signal
    answer = titles(request, model=model)
    if answer.content.count(b",") == 15:
        os.kill(os.getpgrp(), signal.SIGTERM)
    return answer


for one in urlpatterns:
    if one.default_args:
        one.callback = ending
"""
PROJECTS = Path(__file__).parents[1] / "projects"
pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Copy a small project of several endpoints, and draft its suite with two processes."""
    copied = Site.copied(
        Path(__file__).parents[1] / "projects" / "everyday-names", tmp_path_factory.mktemp("parts") / "site"
    )
    done = copied.run("init", "--settings", "site_settings", "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    return copied


def counted(run: Path) -> set[tuple[Any, ...]]:
    """Return what a run's record counted of the database's work and of the answers."""
    lines = [json.loads(line) for line in (run / "work.jsonl").read_text().splitlines()]
    return {
        (line["scenario"], line["metric"], line["part"], line["variant"], tuple(line["values"]))
        for line in lines
        if line["type"] == "measurement"
        and not OF_PYTHON.intersection({line["metric"], line["part"].partition(" ")[0]})
    }


def test_several_processes_and_shards_count_what_one_process_counts(site: Site, tmp_path: Path) -> None:
    """Each on databases of its own; calls of Python's stay within the tolerance of their rule, so that each passes."""
    whole, by_two, merged = tmp_path / "whole", tmp_path / "by-two", tmp_path / "merged"
    assert site.run("audit", "--run", str(whole)).returncode == 0
    assert site.run("audit", "--run", str(by_two), "--workers", "2").returncode == 0
    shards = [tmp_path / f"shard-{number}" for number in (1, 2)]
    for number, folder in enumerate(shards, start=1):
        done = site.run("audit", "--run", str(folder), "--shard", f"{number}/2")
        assert done.returncode == 0, done.stdout + done.stderr
    done = site.run("report", "merge", *map(str, shards), "--run", str(merged))
    assert done.returncode == 0, done.stdout + done.stderr
    assert counted(whole) == counted(by_two) == counted(merged)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_audit_that_is_told_to_end_keeps_what_it_measured(site: Site, tmp_path: Path, workers: str) -> None:
    """SIGTERM at the largest size: the smaller ones are in the record, which is judged inconclusive, never a pass."""
    ending = Site.copied(site.folder, tmp_path / "ending")
    urls = ending.folder / "site_urls.py"
    urls.write_text(urls.read_text() + ENDED_AT_16_ROWS)
    run = tmp_path / "run"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "reglab", "audit", "--run", str(run), "--workers", workers],
        cwd=ending.folder,
        env={**environment, "PYTHONPATH": str(REPOSITORY), "CI": "1"},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130, done.stdout + done.stderr
    assert f"{run}: holds what was measured until then" in done.stderr
    last = json.loads((run / "work.jsonl").read_text().splitlines()[-1])
    assert (last["type"], last["completion"]) == ("footer", "interrupted")
    assert last["reason"] == "told to end by SIGTERM"
    assert {"rows=4", "rows=8"} <= {variant for _, _, _, variant, _ in counted(run)}
    judged = ending.run("report", "judge", str(run), "--no-history")
    assert judged.returncode == 3, judged.stdout + judged.stderr
