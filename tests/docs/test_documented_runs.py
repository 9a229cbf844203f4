"""Every command that the docs show was run: as it stands, in a clone, unless it is left out with a reason."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documented import ROOT, Documented, documented

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.postgres]

# The first words of what no test runs here, with what stands in the way.
LEFT_OUT = {
    "tox run -e tests": "it is this run",
    "tox run -e lint": "its own environment, run at each landing",
    "tox -e lint": "its own environment, run at each landing",
    "tox run -e gate": "run at each landing, beside the tests",
    "tox run -e lock": "asks the package registry",
    "tox run -e planted": "tests/tools/planted runs its fast subset, and its command line",
    "tox -e planted": "tests/tools/planted runs its fast subset, and its command line",
    "tox run -e scoreboard": "installs peers from the package registry; tests/tools/scoreboard runs one",
    "tox -e scoreboard": "installs peers from the package registry; tests/tools/scoreboard runs one",
    "tox -e calibrate": "hours of trials; tests/tools/calibration runs its parts",
    "tox -e faults": "hours of rounds; tests/service/test_server.py runs one of each",
    "tox -e deploy": "an environment of its own, which builds images as root",
    "tox -e py313-django61": "its own environment, whose fast part is run at each landing",
    "tox -e growth": "it is manage.py audit --size orders=100000, which is run",
    "tox -e field": "installs projects from the package registry; tests/tools/field runs its parts",
    "tox -e kills": "hours of rounds; tests/tools/kills runs one of each",
    "module tools.field": "installs projects from the package registry; tests/tools/field runs its parts",
    "module tools.screenshots": "draws the docs' pictures anew; tests/report/test_planted_pages.py uses its camera",
    "tox list": "prints what tox.ini says",
    "module tools.planted": "tests/tools/planted runs it",
    "module tools.scale": "a million orders; tests/service has its parts",
    "module tools.hostile_front": "a thousand runs; tests/load runs some",
    "module deploy": "changes an account at a cloud; tests/deploy runs it against a stand-in",
    "manage.py runserver": "serves until it is stopped; tests/service/browser has a server",
    "manage.py migrate": "writes a database into the checkout; tests/service/test_server.py runs it on its own",
    "manage.py create_token": "tests/service/test_callers.py runs it",
    "manage.py limit_statements": "tests/service/test_limit_statements.py runs it",
    "manage.py seed": "a million orders; tests/service/test_seed.py runs it",
    "manage.py compare": "needs a second revision with equal work; tests/timing runs it",
    "manage.py bisect": "needs a history; tests/timing/bisect runs it",
    "manage.py load PROFILE": "names any profile",
    "reglab init": "tests/project/test_tutorial.py follows its page",
    "reglab compare": "tests/timing runs it on a history of its own",
    "reglab load init": "tests/load/test_drafting.py runs it",
    "reglab load clean": "tests/load runs it after a broken run",
    "reglab race --settings": "tests/race/test_command.py runs it on another project",
    "reglab report pin": "tests/report/test_history.py runs it",
    "reglab report diff": "needs two runs; tests/report runs it",
    "reglab report judge RUN": "needs a run's name; tests/report runs it",
    "reglab report show": "needs a run's name; tests/report runs it",
    "reglab probe migrations --base": "needs a revision before the migrations; tests/probe runs it",
}
# Accepting changes the ledger of the clone; where nothing changed it is a pass all the same.
RUNS_BEFORE = ("manage.py audit --only cancel-order", "manage.py audit --only cancel-order --run var/runs/judged")


def spoken(shown: Documented) -> str:
    return f"{shown.program} {shlex.join(shown.words)}"


def is_left_out(shown: Documented) -> bool:
    said = spoken(shown)
    return (len(shown.words) <= 1 and shown.program == "reglab") or any(said.startswith(start) for start in LEFT_OUT)


# Word for word, each in a repository of its own: tests/docs/test_followed_pages.py.
FOLLOWED = {"new-endpoint.md", "new-pair.md", "accepting.md"}
SHOWN = [each for each in documented() if each.page not in FOLLOWED]
RUN = sorted({spoken(each) for each in SHOWN if each.words and not is_left_out(each)} - {"manage.py COMMAND"})


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with two runs, one of them in its history."""
    folder = tmp_path_factory.mktemp("docs") / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    for command in RUNS_BEFORE:
        done = ran(command, folder)
        assert done.returncode == 0, done.stdout + done.stderr
    judged = ran("reglab report judge var/runs/judged", folder)
    assert judged.returncode == 3, "of one scenario alone, nothing is decided: " + judged.stdout + judged.stderr
    return folder


# What the tests set for themselves, and a reader has not.
OF_THE_TESTS = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SERVICE_ENVIRONMENT", "EXTRA_APPS", "PYTHONDEVMODE"}
# What a page leaves to its reader.
PLACEHOLDERS = {"PATTERN": "cancel-*", "SCENARIO": "cancel-order", "FOLDER": "var/site", "GLOB": "*"}


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *words = shlex.split(command)
    start = {"manage.py": ["manage.py"], "module": ["-m"]}.get(program, ["-m", "reglab"])
    return subprocess.run(
        [sys.executable, *start, *(PLACEHOLDERS.get(word, word) for word in words)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in OF_THE_TESTS},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_left_out_is_still_documented() -> None:
    """A reason for a command that no page shows any more goes."""
    every = {spoken(each) for each in documented()}
    stale = [start for start in LEFT_OUT if not any(said.startswith(start) for said in every)]
    assert stale == []


@pytest.mark.parametrize("command", RUN)
def test_it_does_as_the_page_says(clone: Path, command: str) -> None:
    """The command ends with a pass, and prints no traceback."""
    done = ran(command, clone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
