"""The drill-down: after the load, on the same database, and counting what the audit counts."""

import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reglab.errors import LoadTestError
from reglab.load.server.drilldown import REQUESTS, warm_lines
from tests.load.conftest import PATIENCE_S, ROOT, Bench, Finished

# The load's operations and the audit's scenarios that send the same request.
ALIKE = {"create-order": "create-order", "add-item": "create-item", "delete-item": "delete-item", "summary": "summary"}


@pytest.fixture
def finished(bench: Bench) -> Finished:
    """Load our own service for some seconds, with the drill-down at the end."""
    mix = "create-order = 1\nlist-orders = 1\nsummary = 1\nadd-item = 2\ndelete-item = 1"
    profile = bench.profile(mix=mix, rate=20, seconds=6)
    variables = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PYTHONDEVMODE")}
    done = subprocess.run(
        [sys.executable, "manage.py", "load", str(profile), "--run", str(bench.folder / "run"), "--drilldown"],
        cwd=ROOT,
        env=variables | {"SERVICE_ENVIRONMENT": "development", "EXTRA_APPS": "reglab", "CI": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode in (0, 3), done.stdout + done.stderr  # 3: the machine was too busy for its times
    return Finished(status=done.returncode, output=done.stdout + done.stderr, run=bench.folder / "run")


def accepted(scenario: str, metric: str) -> int:
    """Return the one value that the audit's ledger holds of a counter."""
    ledger = json.loads((ROOT / "bench" / "ledger" / f"{scenario}.json").read_text(encoding="utf-8"))
    value = ledger["counters"]["postgresql"][metric]["value"]
    assert isinstance(value, int)
    return value


def drilled(run: Path) -> dict[str, dict[str, Any]]:
    """Return the drill-down's rows by scenario."""
    return {row["scenario"]: row for row in json.loads((run / "load" / "drilldown.json").read_text(encoding="utf-8"))}


def test_the_first_request_of_a_process_is_not_counted() -> None:
    """Two processes answer in turn, each with a statement more at first: eight lines of the others are returned."""
    processes = [1, 2] * REQUESTS
    sent = iter([{"process": process, "queries": 7 + (place < 2)} for place, process in enumerate(processes)])
    lines = warm_lines(lambda: next(sent))
    assert [line["queries"] for line in lines] == [7] * REQUESTS


def test_a_server_of_too_many_processes_is_told_so() -> None:
    """Where each request has a process of its own, there is nothing to count, and a sentence says it."""
    fresh = count()
    with pytest.raises(LoadTestError, match="64 of 64 requests were the first of their process"):
        warm_lines(lambda: {"process": next(fresh)})


@pytest.mark.slow
def test_each_scenario_has_the_audits_counts(finished: Finished) -> None:
    """Queries and INSERTs a request are those of the audit's ledger where both send a scenario; notes tell them."""
    rows = drilled(finished.run)
    assert set(rows) == {"create-order", "list-orders", "summary", "add-item", "delete-item"}
    for name, row in rows.items():
        assert row["problem"] == ""
        assert row["requests"] == 8
        assert row["database_ms"] > 0
        assert row["link"].startswith("/silk/request/")
        if name in ALIKE:
            scenario = ALIKE[name]
            assert (row["queries"], row["inserts"]) == (accepted(scenario, "queries"), accepted(scenario, "inserts")), (
                name
            )
    told = [text for text in finished.remarks("note") if text.startswith("drilled down, ")]
    assert len(told) == len(rows)
    # It came after the load: the timed run counted the statements of the service alone.
    assert finished.measured("server_queries_per_request", endpoint="GET /api/orders/summary/") == 1
    assert finished.measured("lost_writes") == 0
    assert finished.measured("leftover_rows") == 0
