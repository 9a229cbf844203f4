"""A run that is broken in any way is never a pass, and what it measured until then is kept."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from reglab.load.generator.progress_file import GeneratorState
from reglab.report.outcomes import Outcome
from reglab.report.record_files import RecordError
from reglab.report.records import Completion
from tests.load.conftest import PATIENCE_S, READS, ROOT, WRITES, Bench, Finished, wait_until

pytestmark = pytest.mark.slow
FULL_DISK = (
    "import os,resource,sys;limit=int(sys.argv[1]);"
    "resource.setrlimit(resource.RLIMIT_FSIZE,(limit,limit));os.execv(sys.argv[2],sys.argv[2:])"
)


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the processes whose command line or environment names a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and str(folder) in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def generators(process: subprocess.Popen[str], option: str) -> list[psutil.Process]:
    """Return the load-generating processes of a load test that were started with an option."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if option in child.cmdline() and "locust" in child.cmdline()]


def test_a_killed_worker_is_never_a_pass(bench: Bench) -> None:
    """Kill -9 of one of two workers is inconclusive at best, and names the worker."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=20), "--workers", "2")
    bench.wait_until_loaded(stub, requests=240)
    generators(process, "--worker")[0].kill()
    finished = bench.finish(process)
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert any("worker" in text and "-9" in text for text in finished.remarks("inconclusive"))
    assert finished.measured("requests") > 0


def test_a_killed_master_is_never_a_pass(bench: Bench) -> None:
    """Kill -9 of the master is inconclusive; the seconds before it are in the record."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=20))
    bench.wait_until_loaded(stub, requests=240)
    generators(process, "--master")[0].kill()
    finished = bench.finish(process)
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert finished.measured("requests") > 0


def test_no_request_is_never_a_pass(bench: Bench) -> None:
    """A profile that brings no arrival is inconclusive: there is nothing to judge, and nothing accuses the code."""
    finished = bench.load(bench.stub().origin, bench.profile(rate=1e-6, seconds=1))
    assert finished.measured("requests") == 0
    assert finished.outcome("load-happened") is Outcome.INCONCLUSIVE
    assert finished.status == 3


def test_a_saturated_generator_is_never_a_pass(bench: Bench) -> None:
    """A rate that no process can send is inconclusive or worse, and the reason names the generator."""
    profile = bench.profile(mix="list-orders = 1", rate=15_000, seconds=2)
    finished = bench.load(bench.fast_server(), profile, LOADTEST_ARRIVALS_PER_WORKER="20000")
    assert finished.verdict.outcome is not Outcome.PASS
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert any("late" in text or "keep the rate up" in text for text in finished.remarks("inconclusive"))


def test_a_rate_that_needs_more_workers_is_refused(bench: Bench) -> None:
    """How many generators a rate needs is computed, and said before anything is sent."""
    stub = bench.stub()
    finished = bench.load(stub.origin, bench.profile(rate=7_000, seconds=2))
    assert finished.status == 2
    assert "needs 3 load-generating workers" in finished.output
    assert not (stub.folder / "requests.log").read_text(encoding="utf-8")


def load_on_a_full_disk(bench: Bench, *, mix: str, file_bytes_max: int) -> Finished:
    """Run a load test whose files, all of its processes' included, cannot grow beyond a size."""
    stub = bench.stub()
    command = [sys.executable, "-c", FULL_DISK, str(file_bytes_max), sys.executable, "manage.py", "load"]
    finished = subprocess.run(
        [*command, str(bench.profile(mix=mix)), "--target", stub.origin, "--run", str(bench.folder / "run")],
        cwd=ROOT,
        env=bench.environment(stub.origin, PYTHONDEVMODE=""),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Finished(status=finished.returncode, output=finished.stdout + finished.stderr, run=bench.folder / "run")


def test_a_full_disk_under_the_record_is_never_a_pass(bench: Bench) -> None:
    """Where the record cannot grow, one clear line and status 2; what is there of it is refused."""
    finished = load_on_a_full_disk(bench, mix=READS, file_bytes_max=6_500)
    assert finished.status == 2, finished.output
    assert "Traceback" not in finished.output
    with pytest.raises(RecordError):
        _ = finished.record
    # Nobody's change is bad because a disk is full.
    assert finished.verdict.outcome is Outcome.INCONCLUSIVE


def test_a_full_disk_under_the_ledger_is_never_a_pass(bench: Bench) -> None:
    """A write that cannot be recorded is not sent: the run ends, and says why."""
    finished = load_on_a_full_disk(bench, mix=WRITES, file_bytes_max=12_000)
    assert finished.status == 2 or any("ledger cannot be written" in text for text in finished.remarks("inconclusive"))
    assert finished.verdict.outcome is not Outcome.PASS


def test_ctrl_c_keeps_what_was_measured_and_leaves_nothing_behind(bench: Bench) -> None:
    """Ctrl-C ends all processes, removes the run's rows, and leaves a record that is no pass."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=30, mix=WRITES))
    bench.wait_until_loaded(stub, requests=60)
    process.send_signal(signal.SIGINT)
    finished = bench.finish(process)
    assert finished.status == 130
    assert f"what was measured until then: reglab report judge {finished.run}" in " ".join(finished.output.split())
    assert finished.record.footer.completion is Completion.INTERRUPTED
    assert finished.measured("leftover_rows") == 0
    assert finished.measured("lost_writes") == 0
    assert finished.verdict.outcome is not Outcome.PASS
    assert not processes_of(finished.run)


def test_a_killed_supervisor_leaves_no_process_behind(bench: Bench) -> None:
    """Kill -9 of the command ends master and workers too; the record without its end is refused."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=30))
    bench.wait_until_loaded(stub)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    os.kill(process.pid, signal.SIGKILL)
    finished = bench.finish(process)
    wait_until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    with pytest.raises(RecordError):
        _ = finished.record
    assert GeneratorState.load(finished.run / "load") is not None
