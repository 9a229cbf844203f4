"""Locust without the supervisor: headless, with its web page, and as fast as a plain user."""

import json
import re
import socket
import statistics
import subprocess
import sys

import pytest
import urllib3

from reglab.load.generator.progress_file import GeneratorState
from reglab.load.server.child_processes import child, wait_for
from reglab.report.outcomes import Outcome
from reglab.report.record_files import read_record
from tests.load.conftest import PATIENCE_S, ROOT, WRITES, Bench, Finished, wait_until

pytestmark = pytest.mark.slow
LOCUST = [sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py"]
QUIET = [*LOCUST, "--headless", "--only-summary"]
PLAIN = [sys.executable, "-m", "locust", "-f", "tests/load/plain_locustfile.py", "--headless", "--only-summary"]


def headless(bench: Bench, origin: str, *options: str, **variables: str) -> Finished:
    """Run plain Locust without its page, the run's folder being the bench's `plain`."""
    folder = bench.folder / "plain"
    finished = subprocess.run(
        [*LOCUST, "--headless", "--host", origin, "--load-run", str(folder), *options],
        cwd=ROOT,
        env=bench.environment(origin) | {"PYTHONDEVMODE": ""} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Finished(status=finished.returncode, output=finished.stdout, run=folder)


def test_headless_locust_runs_a_profile_and_cleans_up(bench: Bench) -> None:
    """`locust -f loadtests/locustfile.py --headless --host URL` sends the profile, ends with 0 and leaves no row."""
    stub = bench.stub()
    finished = headless(bench, stub.origin, "--load-profile", str(bench.profile(mix=WRITES)))
    assert finished.status == 0, finished.output
    assert any(
        re.fullmatch(r"writes: \d+ acknowledged; \d+ rows removed, 0 left", text) for text in finished.remarks("note")
    )
    listed = urllib3.request("GET", f"{stub.origin}/api/customers/").json()
    assert listed["results"] == []


def test_plain_locust_gives_the_verdict_of_the_command(bench: Bench) -> None:
    """The same record, rules and exit code: the two name the same measurements, and a slow service fails in both."""
    stub = bench.stub()
    profile = bench.profile(mix=WRITES)
    plain = headless(bench, stub.origin, "--load-profile", str(profile))
    command = bench.load(stub.origin, profile)
    measured = [
        {(line.metric.name, line.scenario, line.endpoint) for line in one.record.measurements}
        for one in (plain, command)
    ]
    assert measured[0] == measured[1]
    assert [one.verdict.outcome for one in (plain, command)] == [Outcome.PASS, Outcome.PASS]
    assert {line.name for line in plain.record.series} == {line.name for line in command.record.series}


def test_a_broken_slo_is_plain_locusts_exit_code(bench: Bench) -> None:
    """A service that answers in 600 ms breaks its SLO: exit 1, and the reason is printed."""
    stub = bench.stub(delay_ms=600)
    finished = headless(bench, stub.origin, "--load-profile", str(bench.profile()))
    assert finished.status == 1, finished.output
    assert finished.outcome("slo-latency") is Outcome.FAIL
    assert re.search(r"^FAIL .*p95", finished.output, re.MULTILINE), finished.output


def test_a_second_run_in_one_folder_starts_clean(bench: Bench) -> None:
    """It has rows and a record of its own; both pass, and neither uses what the other has removed."""
    stub = bench.stub()
    profile = str(bench.profile(mix=WRITES))
    first = headless(bench, stub.origin, "--load-profile", profile)
    second = headless(bench, stub.origin, "--load-profile", profile)
    assert (first.status, second.status) == (0, 0), second.output
    (again,) = (folder for folder in first.run.iterdir() if (folder / "load.jsonl").exists())
    ids = [read_record(folder / "load.jsonl").header.context["load_id"] for folder in (first.run, again)]
    assert ids[0] != ids[1]
    assert urllib3.request("GET", f"{stub.origin}/api/customers/").json()["results"] == []


def test_a_rate_beyond_the_workers_is_refused(bench: Bench) -> None:
    """Ten thousand a second want four workers: with one, nothing is sent, and the sentence says how many."""
    stub = bench.stub()
    finished = headless(bench, stub.origin, "--load-profile", str(bench.profile(rate=10_000)))
    assert finished.status == 2, finished.output
    assert "that needs 4 load-generating workers" in finished.output
    assert not stub.requests()


def test_workers_that_do_not_come_end_the_wait(bench: Bench) -> None:
    """After the deadline the master ends with 2, says how many have come, and has sent nothing."""
    stub = bench.stub()
    master = ("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", "0")
    finished = headless(bench, stub.origin, *master, "--expect-workers", "2", "--expect-workers-max-wait", "2")
    assert finished.status == 2, finished.output
    assert "0 of 2 workers have come within 2 s" in finished.output
    assert not stub.requests()


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
        wait_for(lambda: _status(page) == 200, what="the page", seconds=PATIENCE_S, process=process, log=log)
        answer = urllib3.request("POST", f"{page}/swarm", fields={"host": stub.origin}).json()
        assert answer["success"], answer
        wait_until(lambda: "settled" in _state(page))
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


def test_open_arrivals_cost_little_more_than_a_plain_user(bench: Bench) -> None:
    """One process sends at least 70 % of the requests per second of its own CPU that a plain FastHttpUser sends.

    Each of its requests is signed, each answer is proven and recorded: measured, that leaves 76 to 90 %. Both are bound
    by one core's CPU, so requests a CPU-second are arrivals a second on a core of one's own; counted this way, whatever
    else the machine does cancels out. The two take turns; the median of five pairs decides.
    """
    origin = bench.fast_server()
    ratios = []
    for number in range(5):
        plain = _plain_rate(bench, origin)
        ratios.append(_open_rate(bench, origin, number, offered=plain["clock"]) / plain["cpu"])
    assert statistics.median(ratios) >= 0.7, ratios


def _plain_rate(bench: Bench, origin: str) -> dict[str, float]:
    """Return the requests of a plain FastHttpUser, a second of its CPU and of the clock."""
    finished = subprocess.run(
        [*PLAIN, "-u", "20", "-r", "100", "--host", origin],
        cwd=ROOT,
        env=bench.environment(origin) | {"PYTHONDEVMODE": "", "RATE_FILE": str(bench.folder / "plain.json")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    rates: dict[str, float] = json.loads((bench.folder / "plain.json").read_text(encoding="utf-8"))
    return rates


def _open_rate(bench: Bench, origin: str, number: int, *, offered: float) -> float:
    """Return the requests a CPU-second of open arrivals at a tenth more than what the plain user has just sent.

    Below its limit an arrival may pay for a wake-up of its own (at 3,000/s on an idle machine the ratio is 0.7): what a
    process sustains shows only where it never sleeps, as the plain user never does. Far above it, most of the CPU goes
    into arrivals that are dropped.
    """
    folder = bench.folder / f"open-{number}"
    profile = bench.profile(rate=round(offered * 1.1), seconds=4, mix="list-orders = 1")
    finished = subprocess.run(
        [*QUIET, "--host", origin, "--load-profile", str(profile), "--load-run", str(folder)],
        cwd=ROOT,
        env=bench.environment(origin) | {"PYTHONDEVMODE": "", "LOADTEST_ARRIVALS_PER_WORKER": "20000"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    state = GeneratorState.load(folder / "load")
    assert state is not None, finished.stderr
    (worker,) = state.workers.values()
    requests = sum(tally.succeeded for tally in state.tallies().values())
    assert requests
    return requests / float(worker["cpu_seconds"])
