"""The pass under django-silk: after the load, on the same database, and never in a timed pass."""

import json
import os
import subprocess
import sys

import pytest

from tests.load.conftest import ROOT, Bench, Finished

pytestmark = pytest.mark.slow


@pytest.fixture
def finished(bench: Bench) -> Finished:
    """Load our own service for some seconds, with the drill-down at the end."""
    profile = bench.profile(mix="list-orders = 2\nsummary = 1\nadd-item = 1", rate=20, seconds=4)
    variables = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONDEVMODE")}
    done = subprocess.run(
        [sys.executable, "manage.py", "load", str(profile), "--run", str(bench.folder / "run"), "--drilldown"],
        cwd=ROOT,
        env=variables | {"SERVICE_ENVIRONMENT": "development", "EXTRA_APPS": "reglab", "CI": "1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Finished(status=done.returncode, output=done.stdout + done.stderr, run=bench.folder / "run")


def test_each_scenario_has_a_row_of_silks_numbers(finished: Finished) -> None:
    """Requests, queries, database time and repeats come from Silk's models, with a link for staff; notes tell them."""
    rows = {row["endpoint"]: row for row in json.loads((finished.run / "load" / "drilldown.json").read_text())}
    assert {name.partition(" ")[0] for name in rows} == {"GET", "POST"}
    assert len(rows) == 3
    for row in rows.values():
        assert row["requests"] == 8
        assert row["queries"] >= 1
        assert row["database_ms"] > 0
        assert row["link"].startswith("/silk/request/")
    told = [text for text in finished.remarks("note") if text.startswith("under Silk, ")]
    assert len(told) == 3
    # Silk came after the load: the timed pass counted the statements of the service alone.
    assert finished.measured("server_queries_per_request", endpoint="GET /api/orders/summary/") == 1
    assert finished.measured("lost_writes") == 0
    assert finished.measured("leftover_rows") == 0
