"""`asv continuous` over two commits: the unchanged service and the changed one."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tools.planted.copies import planted_copy
from tools.scoreboard.checks.observation import Observation, Run, Situation, last_line, run, told
from tools.scoreboard.environments import lock_of
from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.places import PROJECT

_FACTOR: Final = "1.1"
_DECREASED: Final = "PERFORMANCE DECREASED"
# A benchmark that raises, as where an answer has another status: asv goes on, and exits with 2.
_RAISED: Final = re.compile(r"^\s*(\S+: .+)\n\s*asv: benchmark failed", re.MULTILINE)
_ROW: Final = re.compile(r"^\|\s*[+!].*\|$", re.MULTILINE)
_GIT: Final = {
    "GIT_AUTHOR_NAME": "scoreboard",
    "GIT_AUTHOR_EMAIL": "scoreboard@example.test",
    "GIT_COMMITTER_NAME": "scoreboard",
    "GIT_COMMITTER_EMAIL": "scoreboard@example.test",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def prepare(situation: Situation) -> None:
    """Make the repository of the unchanged service, and asv's configuration; its environment is kept."""
    for name in ("repository", "results", "html"):
        shutil.rmtree(situation.state / name, ignore_errors=True)
    repository = planted_copy(situation.state / "repository")
    _git(repository, "init", "--quiet", "--initial-branch=main")
    _commit(repository)
    _git(repository, "branch", "unchanged")
    _configure(situation, repository)
    machine = [*_asv(situation), "machine", "--yes", "--config", str(situation.state / "asv.conf.json")]
    done = run(situation, machine, HOME=str(situation.state))
    if done.code != 0:
        raise ScoreboardError(f"asv: no machine file: {last_line(situation, done.output)}")


def observe(situation: Situation) -> Observation:
    """Commit the copy's service on a branch of its own, and compare it with the unchanged one."""
    repository = situation.state / "repository"
    _git(repository, "checkout", "--quiet", "-B", "changed", "unchanged")
    shutil.rmtree(repository / "service")
    shutil.copytree(situation.copy / "service", repository / "service", ignore=shutil.ignore_patterns("__pycache__"))
    _commit(repository)
    configuration = str(situation.state / "asv.conf.json")
    command = [*_asv(situation), "continuous", "--config", configuration, "--factor", _FACTOR, "--show-stderr"]
    # asv keeps the machine's description in the home folder.
    done = run(
        situation,
        [*command, "unchanged", "changed"],
        HOME=str(situation.state),
        DJANGO_SETTINGS_MODULE="service.settings",
    )
    return observation_of(done, situation)


def observation_of(done: Run, situation: Situation) -> Observation:
    """Return what `asv continuous` says: quiet, slower, or a benchmark that raises; else it could not run."""
    rows = _ROW.findall(done.output)
    if done.code == 0:
        return Observation(outcome="quiet", seconds=done.seconds)
    if _DECREASED in done.output and rows:
        signal = " ".join(told(situation, rows[0]).split())
        return Observation(outcome="failed", reason="own", signal=signal, seconds=done.seconds)
    if raised := _RAISED.search(done.output):
        return Observation(outcome="failed", reason="test", signal=told(situation, raised[1]), seconds=done.seconds)
    return Observation(outcome="error", signal=last_line(situation, done.output), seconds=done.seconds)


def _configure(situation: Situation, repository: Path) -> None:
    shutil.copy(situation.peer.folder / "show_service.py", situation.state)
    shutil.copy(lock_of(situation.peer.name), situation.state / "requirements.txt")
    text = (situation.peer.folder / "asv.conf.json").read_text(encoding="utf-8")
    configuration = json.loads(text.replace("HARNESS", str(PROJECT)))
    configuration |= {
        "repo": str(repository),
        "benchmark_dir": str(situation.peer.folder / "benchmarks"),
        "env_dir": str(situation.state / "environment"),
        "results_dir": str(situation.state / "results"),
        "html_dir": str(situation.state / "html"),
    }
    (situation.state / "asv.conf.json").write_text(json.dumps(configuration), encoding="utf-8")


def _asv(situation: Situation) -> list[str]:
    return [str(situation.python), "-m", "asv"]


def _commit(repository: Path) -> None:
    _git(repository, "add", "--all")
    _git(repository, "commit", "--quiet", "--allow-empty", "--message", "service")


def _git(folder: Path, *arguments: str) -> None:
    variables = {**os.environ, **_GIT, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    subprocess.run(["git", *arguments], cwd=folder, env=variables, check=True, capture_output=True)
