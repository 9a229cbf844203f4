"""The engine takes any service: a second project's load passes, and its planted lost write fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.report.outcomes import Outcome
from tests.load.conftest import PATIENCE_S, ROOT, Finished

pytestmark = pytest.mark.slow
SHOP = Path(__file__).with_name("shop")
UNWANTED = ("DATABASE_URL", "PYTHONDEVMODE", "DJANGO_SETTINGS_MODULE", "SERVICE_ENVIRONMENT")


def loaded(folder: Path, **variables: str) -> Finished:
    """Run the shop's smoke profile with `reglab load`."""
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    path = os.pathsep.join(map(str, (SHOP, ROOT / "tests" / "projects" / "shop", ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "reglab", "load", "smoke", "--run", str(folder / "run")],
        cwd=SHOP,
        env=environment | variables | {"PYTHONPATH": path, "CI": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Finished(status=done.returncode, output=done.stdout + done.stderr, run=folder / "run")


def test_another_projects_load_loses_nothing(tmp_path: Path) -> None:
    """A service of books, with the ready middleware and a module of forty lines: every book is where it must be."""
    finished = loaded(tmp_path)
    assert finished.status in (0, 3), finished.output  # 3: the machine was too busy for its times
    assert finished.measured("lost_writes") == 0, finished.output
    assert finished.measured("ledger_violations") == 0
    assert finished.measured("leftover_rows") == 0
    assert any("acknowledged" in text for text in finished.remarks("note"))


def test_another_projects_lost_write_fails(tmp_path: Path) -> None:
    """A book that is acknowledged and gone is a lost write, and the verdict is a failure."""
    finished = loaded(tmp_path, SHOP_LOSES_BOOK="40")
    assert finished.measured("lost_writes") == 1, finished.output
    assert finished.outcome("nothing-lost") is Outcome.FAIL
    assert finished.status == 1
