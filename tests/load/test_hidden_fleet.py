"""A fleet on machines of their own: what it measures, and what it says, is that of one machine."""

import re
import signal
from pathlib import Path

import pytest

from reglab.load.generator.results import empty_histogram
from reglab.report.outcomes import Outcome
from tests.load.conftest import WRITES, Bench, wait_until
from tests.load.fleet import Fleet

pytestmark = pytest.mark.slow
LONG_S = 100


def lines_of(paths: list[Path]) -> list[str]:
    """Return all lines of some ledgers, in the order of their text."""
    return sorted(line for path in paths for line in path.read_text(encoding="utf-8").splitlines())


def test_four_hidden_workers_are_merged_exactly(bench: Bench) -> None:
    """Each request of the stub's log is in the histograms, each line of the four ledgers in the master's; PASS."""
    stub = bench.stub()
    fleet = Fleet(bench=bench, stub=stub, profile=bench.profile(mix=WRITES, rate=60, seconds=6), count=4)
    fleet.start()
    finished = fleet.finished()
    assert finished.status == 0, finished.output
    assert finished.verdict.outcome is Outcome.PASS
    sent = [line for line in stub.requests() if line[-1] == "1"]
    assert sum(tally.succeeded for tally in fleet.state.tallies().values()) == len(sent)
    merged = empty_histogram()
    for worker in fleet.state.workers.values():
        for tally in worker["tallies"].values():
            merged.decode_and_add(tally["latency"])
    whole = empty_histogram()
    for tally in fleet.state.tallies().values():
        whole.add(tally.latency)
    assert merged.get_total_count() == len(sent)
    assert list(merged.counts) == list(whole.counts)
    kept = [fleet.ledgers(name) for name in fleet.names[1:]]
    assert [len(ledgers) for ledgers in kept] == [1, 1, 1, 1]
    assert lines_of(fleet.ledgers("master")) == lines_of([path for ledgers in kept for path in ledgers])
    writes = sum(line[0] != "GET" for line in sent)
    assert sum('"effects"' in line for line in lines_of(fleet.ledgers("master"))) == writes


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_leaves_makes_the_run_inconclusive(bench: Bench, how: signal.Signals) -> None:
    """Killed or evicted amid its writes: noticed long before the end, exit 3, and no word against the service."""
    stub = bench.stub()
    fleet = Fleet(bench=bench, stub=stub, profile=bench.profile(mix=WRITES, rate=40, seconds=LONG_S), count=2)
    fleet.start()
    bench.wait_until_loaded(stub, requests=60)
    fleet.processes[1].send_signal(how)
    finished = fleet.finished()
    assert finished.status == 3, finished.output
    assert finished.verdict.outcome is Outcome.INCONCLUSIVE
    assert any("a load-generating worker vanished" in text for text in finished.remarks("inconclusive"))
    assert "a load-generating worker vanished" in finished.output
    assert all(finding.outcome is not Outcome.FAIL for finding in finished.verdict.findings)
    assert sum(line[-1] == "1" for line in stub.requests()) < 40 * LONG_S / 2


def test_the_intent_of_every_write_is_with_the_master_before_the_write(bench: Bench) -> None:
    """Frozen amid the load, the workers have sent no write that the master does not know of."""
    stub = bench.stub()
    fleet = Fleet(bench=bench, stub=stub, profile=bench.profile(mix=WRITES, rate=60, seconds=LONG_S), count=2)
    fleet.start()
    bench.wait_until_loaded(stub, requests=100)
    for process in fleet.processes[1:]:
        process.send_signal(signal.SIGKILL)
    written = sum(line[0] != "GET" and line[-1] == "1" for line in stub.requests())
    assert written
    finished = fleet.finished()
    assert finished.status == 3, finished.output
    intents = sum('"effects"' in line for line in lines_of(fleet.ledgers("master")))
    received = sum(line[0] != "GET" and line[-1] == "1" for line in stub.requests())
    assert intents >= received >= written


def test_a_worker_with_another_checkout_is_refused(bench: Bench) -> None:
    """One comment more in its load module: it sends nothing, the run is inconclusive and says why."""
    stub = bench.stub()
    fleet = Fleet(bench=bench, stub=stub, profile=bench.profile(rate=20, seconds=LONG_S), count=2)
    module = fleet.home("worker-1") / "loadtests" / "operations.py"
    module.write_text(module.read_text(encoding="utf-8") + "# of another branch\n", encoding="utf-8")
    fleet.start()
    finished = fleet.finished()
    assert finished.status == 3, finished.output
    assert re.search(r"worker \d: it was refused: its load module is not the master's", finished.output)
    assert sum(line[-1] == "1" for line in stub.requests()) < 20 * LONG_S / 2


def test_workers_end_soon_after_their_master(bench: Bench) -> None:
    """The master is killed: within seconds nothing more is sent, and no worker ends as if all were well."""
    stub = bench.stub()
    fleet = Fleet(bench=bench, stub=stub, profile=bench.profile(mix=WRITES, rate=40, seconds=LONG_S), count=2)
    fleet.start()
    bench.wait_until_loaded(stub, requests=60)
    fleet.processes[0].send_signal(signal.SIGKILL)
    assert [process.wait(LONG_S) for process in fleet.processes[1:]] == [3, 3]
    assert all("the master has been silent" in fleet.log(name).read_text() for name in fleet.names[1:])
    assert sum(line[-1] == "1" for line in stub.requests()) < 40 * LONG_S / 2


def test_a_late_fleet_says_so(bench: Bench) -> None:
    """Where arrivals are sent late, the fleet is inconclusive and names the p99, as one machine does."""
    stub = bench.stub()
    profile = bench.profile(mix="list-orders = 1", rate=60, seconds=5)
    strict = profile.read_text(encoding="utf-8").replace(
        "samples_min = 20", "samples_min = 20\ndispatch_late_ms_p99_max = 0.001"
    )
    profile.write_text(strict, encoding="utf-8")
    fleet = Fleet(bench=bench, stub=stub, profile=profile, count=2)
    fleet.start()
    finished = fleet.finished()
    assert finished.status == 3, finished.output
    assert "arrivals were sent late: p99" in finished.output
    wait_until(lambda: all(process.poll() is not None for process in fleet.processes))
