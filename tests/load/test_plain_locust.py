"""Locust without the supervisor: headless, with its web page, and as fast as a plain user."""

import json
import re
import socket
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from reglab.load.generator.progress_file import GeneratorState
from reglab.load.server.child_processes import child, wait_for
from tests.load.conftest import KEY, ROOT, WRITES, Bench, wait_until

pytestmark = pytest.mark.slow
LOCUST = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py"]
QUIET = [*LOCUST, "--headless", "--only-summary"]
PLAIN = [sys.executable, "-m", "locust", "-f", "tests/load/plain_locustfile.py", "--headless", "--only-summary"]


def test_headless_locust_runs_a_profile_and_cleans_up(bench: Bench) -> None:
    """`locust -f loadtests/locustfile.py --headless --host URL` sends the profile, ends with 0 and leaves no row."""
    stub = bench.stub()
    finished = subprocess.run(
        [*LOCUST, "--headless", "--host", stub.origin, "--load-profile", str(bench.profile(mix=WRITES))],
        cwd=ROOT,
        env=bench.environment(stub.origin) | {"PYTHONDEVMODE": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert re.search(r"writes: \d+ acknowledged; \d+ rows removed, 0 left", finished.stderr)
    listed = urllib3.request("GET", f"{stub.origin}/api/customers/").json()
    assert listed["results"] == []


def test_the_web_page_starts_a_run(bench: Bench) -> None:
    """A run started from Locust's own page sends the profile's arrivals and shows them there."""
    stub = bench.stub()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = bench.folder / "locust.log"
    command = [*LOCUST, "--web-host", "127.0.0.1", "--web-port", str(port), "--host", stub.origin]
    environment = {name: value for name, value in bench.environment(stub.origin).items() if name.startswith("LOADTEST")}
    page = f"http://127.0.0.1:{port}"
    with child(
        [*command, "--load-profile", str(bench.profile())], log=log, environment=environment, folder=ROOT
    ) as process:
        wait_for(lambda: _status(page) == 200, what="the page", seconds=40, process=process, log=log)
        answer = urllib3.request("POST", f"{page}/swarm", fields={"host": stub.origin}).json()
        assert answer["success"], answer
        wait_until(lambda: "settled" in _state(page), seconds=60)
        stats = urllib3.request("GET", f"{page}/stats/requests").json()["stats"]
    total = next(row for row in stats if row["name"] == "Aggregated")
    assert total["num_requests"] == sum(line[-1] == "1" for line in stub.requests())


def _status(page: str) -> int:
    try:
        return int(urllib3.request("GET", page, retries=False, timeout=2).status)
    except urllib3.exceptions.HTTPError:
        return 0


def _state(page: str) -> str:
    state = urllib3.request("GET", f"{page}/stats/requests").json()["state"]
    return "settled" if state == "stopped" else str(state)


def test_open_arrivals_cost_no_more_than_a_plain_user(bench: Bench) -> None:
    """One process sends at least 90 % of the requests per second of its own CPU that a plain FastHttpUser sends.

    Both are bound by one core's CPU, so requests a CPU-second are arrivals a second on a core of one's own; counted
    this way, whatever else the machine does cancels out. The two take turns; the median of five pairs decides.
    """
    port_file = bench.folder / "port"
    server = [sys.executable, str(Path(__file__).with_name("fast_server.py")), str(port_file)]
    log = bench.folder / "fast.log"
    with child(server, log=log, environment={"LOADTEST_KEY": KEY}, folder=ROOT) as process:
        wait_for(
            lambda: port_file.exists() and port_file.read_text(encoding="ascii") != "",
            what="the server",
            seconds=20,
            process=process,
            log=log,
        )
        origin = f"http://127.0.0.1:{port_file.read_text(encoding='ascii')}"
        ratios = []
        for number in range(5):
            plain = _plain_rate(bench, origin)
            ratios.append(_open_rate(bench, origin, number, offered=plain) / plain)
    assert statistics.median(ratios) >= 0.9, ratios


def _plain_rate(bench: Bench, origin: str) -> float:
    """Return the requests a CPU-second of a plain FastHttpUser."""
    finished = subprocess.run(
        [*PLAIN, "-u", "20", "-r", "100", "-t", "4s", "--host", origin],
        cwd=ROOT,
        env=bench.environment(origin) | {"PYTHONDEVMODE": "", "RATE_FILE": str(bench.folder / "plain.json")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    rate: float = json.loads((bench.folder / "plain.json").read_text(encoding="utf-8"))
    return rate


def _open_rate(bench: Bench, origin: str, number: int, *, offered: float) -> float:
    """Return the requests a CPU-second of open arrivals at a tenth more than what the plain user has just sent.

    Below its limit an arrival may pay for a wake-up of its own (at 3,000/s on an idle machine the ratio is 0.7): what a
    process sustains shows only where it never sleeps, as the plain user never does. Far above it, most of the CPU goes
    into arrivals that are dropped.
    """
    folder = bench.folder / f"open-{number}"
    folder.mkdir()
    profile = bench.profile(rate=round(offered * 1.1), seconds=4, mix="list-orders = 1")
    finished = subprocess.run(
        [*QUIET, "--host", origin, "--load-profile", str(profile), "--load-run", str(folder)],
        cwd=ROOT,
        env=bench.environment(origin) | {"PYTHONDEVMODE": "", "LOADTEST_ARRIVALS_PER_WORKER": "20000"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    state = GeneratorState.load(folder)
    assert state is not None, finished.stderr
    (worker,) = state.workers.values()
    requests = sum(tally.succeeded for tally in state.tallies().values())
    assert requests
    return requests / float(worker["cpu_seconds"])
