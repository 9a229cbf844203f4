"""The race audit as it is called: on any project, with exit codes that never turn a doubt into a pass."""

import os
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from reglab.console import Console
from reglab.metrics import METRICS
from reglab.race.anomalies import ROWS, UNDECIDED
from reglab.race.commandline import _accept
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.record_files import read_record
from reglab.report.records import Completion, Measurement
from reglab.report.rules.accepted_findings import accepted_in

PROJECT = Path(__file__).resolve().parents[2]
SUITE = PROJECT / "bench" / "scenarios"
RUN = "20260101T000000Z-000000"
RACES = """
[[race]]
name = "one-book"
[race.on.book]
model = "catalogue.Book"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Copy the shop, with a race about one book."""
    folder = tmp_path / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    suite = folder / "shop.toml"
    suite.write_text(suite.read_text(encoding="utf-8") + RACES, encoding="utf-8")
    return folder


def command(folder: Path, *arguments: str, settings: str = "shop_settings", suite: str = "shop.toml") -> list[str]:
    options = ["--settings", settings, "--suite", suite, "--run", str(folder / RUN)]
    return [sys.executable, "-m", "reglab", "race", *options, *arguments]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT), "CI": "1", "SERVICE_ENVIRONMENT": "test", **more}


def raced(folder: Path, *arguments: str, suite: str = "shop.toml", **more: str) -> subprocess.CompletedProcess[str]:
    """Race the shop, on SQLite unless told otherwise."""
    return subprocess.run(
        command(folder, *arguments, suite=suite),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


def on_postgresql() -> dict[str, str]:
    return {"SHOP_DATABASE": os.environ["DATABASE_URL"]}


def test_on_sqlite_it_could_not_run_and_says_why(shop: Path) -> None:
    """A race audit that was asked for and cannot be done is exit 2 and one sentence, not a pass."""
    done = raced(shop)
    assert done.returncode == 2
    assert done.stderr.startswith("reglab race: not applicable: races are about PostgreSQL's row locks")
    assert len(done.stderr.splitlines()) == 1


def test_in_a_gate_on_sqlite_it_says_that_nothing_is_proven(shop: Path) -> None:
    """The record is there and says "not applicable" in the verdict; it fails nothing and measures nothing."""
    done = raced(shop, "--where-possible")
    assert done.returncode == 0, done.stderr
    assert "nothing is proven" in " ".join(done.stderr.split())
    assert read_record(shop / RUN / "race.jsonl").measurements[0].gates is False


@pytest.mark.postgres
def test_a_project_that_never_heard_of_it_is_raced(shop: Path) -> None:
    """A book that is sold while it is removed: the trigger's sale makes the removal a 500, at the line that removes."""
    done = raced(shop, "--only", "remove-book+sell", **on_postgresql())
    assert done.returncode == 1, done.stderr
    told = " ".join(done.stdout.split())
    assert "FAIL remove-book stopped before" in told
    assert "DELETE /books/{pk}/ + POST /books/{pk}/sell/" in told
    assert "catalogue/views.py:31 in BookDetail.delete" in told


@pytest.mark.postgres
def test_what_a_race_finds_at_first_can_be_accepted_and_is_known_then(shop: Path) -> None:
    """Whoever begins with races has some: they are listed, and a second run passes; a part cannot be accepted."""
    (shop / "reglab.toml").write_text('suite = "shop.toml"\nledger = "kept/ledger"\n', encoding="utf-8")
    refused = raced(shop, "--accept", "As it was found.", "--only", "sell+sell", **on_postgresql())
    assert (refused.returncode, "leave --only out" in refused.stderr) == (2, True)
    accepted = raced(shop, "--accept", "As it was found.", **on_postgresql())
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "of races accepted: As it was found." in " ".join(accepted.stderr.split())
    # Beside what the other audits accept, wherever the project keeps that.
    assert list((shop / "kept").rglob("probes.toml"))
    shutil.rmtree(shop / RUN)
    assert raced(shop, "--only", "remove-book+sell", **on_postgresql()).returncode == 0
    listed = raced(shop, "--known", **on_postgresql())
    assert "race remove-book+sell race_server_errors one-book: " in listed.stdout


def test_a_pair_that_nobody_could_decide_is_never_accepted(tmp_path: Path) -> None:
    """It would be green from then on, and nothing was ever seen of it."""
    lines = [Measurement(scenario="a+b", part="one", metric=METRICS[name], values=(1,)) for name in (UNDECIDED, ROWS)]
    accepted = accepted_in(tmp_path / "ledger")
    _accept(
        accepted,
        lines,
        why="As it was found.",
        console=Console(out=StringIO(), err=StringIO(), width=80, has_colour=False, is_live=False),
    )
    assert list(accepted.known) == [f"race a+b {ROWS} one"]
    assert accepted.held("race", lines[0]).accepted is None


@pytest.mark.postgres
def test_two_sales_of_one_book_pass(shop: Path) -> None:
    """An update that the database computes loses nothing."""
    done = raced(shop, "--only", "sell+sell", **on_postgresql())
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("more", "arguments", "said"),
    [
        ("", ("--only", "no-such-pair"), "no pair of a race, no scenario of one and no race matches 'no-such-pair'"),
        ('[[race]]\nname = "none"\nscenarios = ["nobody"]\n', (), "no scenario takes part in the race 'none'; mend"),
    ],
)
def test_an_empty_selection_is_an_error(shop: Path, more: str, arguments: tuple[str, ...], said: str) -> None:
    """What races nothing could not run: exit 2, and the word to mend."""
    suite = shop / "shop.toml"
    suite.write_text(suite.read_text(encoding="utf-8") + more, encoding="utf-8")
    done = raced(shop, *arguments, **on_postgresql())
    assert done.returncode == 2, done.stdout
    assert said in done.stderr


@pytest.mark.postgres
def test_a_suite_without_a_race_is_an_error(shop: Path) -> None:
    """A suite that declares no race is told how to; it is not taken for one without faults."""
    shutil.copy(PROJECT / "tests" / "projects" / "shop" / "shop.toml", shop / "shop.toml")
    done = raced(shop, **on_postgresql())
    assert done.returncode == 2
    assert "the suite declares no [[race]]" in done.stderr


@pytest.mark.postgres
def test_a_writing_scenario_in_no_race_fails_until_it_has_a_reason(shop: Path) -> None:
    """Leaving a writing request out is a decision that stands in the suite; a race that names one stands above it."""
    suite = shop / "shop.toml"
    narrow = suite.read_text(encoding="utf-8").replace('name = "one-book"', 'name = "one-book"\nscenarios = ["sell"]')
    suite.write_text(narrow, encoding="utf-8")
    done = raced(shop, **on_postgresql())
    assert done.returncode == 1, done.stderr
    assert "remove-book writes, and is in no race" in done.stdout
    reason = '\n[[without_race]]\nscenario = "*"\nreason = "Books are sold by one clerk."\n'
    suite.write_text(narrow + reason, encoding="utf-8")
    shutil.rmtree(shop / RUN)
    assert raced(shop, **on_postgresql()).returncode == 0


@pytest.mark.postgres
def test_an_interrupted_audit_keeps_its_pairs_and_is_inconclusive(tmp_path: Path) -> None:
    """Ctrl-C after the first pair leaves a record of it that says "interrupted": exit 3, never a pass."""
    shutil.copytree(PROJECT / "service", tmp_path / "service", ignore=shutil.ignore_patterns("__pycache__"))
    process = subprocess.Popen(
        command(tmp_path, settings="service.settings", suite=str(SUITE)),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    record = tmp_path / RUN / "race.jsonl"
    while process.poll() is None and not (record.exists() and "races_undecided" in record.read_text(encoding="utf-8")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 3, errors
    assert "interrupted" in errors
    assert read_record(record).footer.completion is Completion.INTERRUPTED
    verdict = judge(record.parent, read_policy(), only=("race",))
    assert verdict.outcome is Outcome.INCONCLUSIVE
