"""A run that is broken in any way is never a pass, and what it measured until then is kept."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from loadtests.generator_files import GeneratorState
from reports.outcomes import Outcome
from reports.record_files import RecordError
from reports.records import Completion
from tests.loadtests.conftest import ROOT, WRITES, Bench, wait_until

pytestmark = pytest.mark.slow


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
    """kill -9 of one of two workers is inconclusive at best, and names the worker."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=20), "--workers", "2")
    bench.wait_until_loaded(stub)
    generators(process, "--worker")[0].kill()
    finished = bench.finish(process)
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert any("worker" in text and "-9" in text for text in finished.remarks("inconclusive"))
    assert finished.measured("requests") > 0


def test_a_killed_master_is_never_a_pass(bench: Bench) -> None:
    """kill -9 of the master is inconclusive; the seconds before it are in the record."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=20))
    bench.wait_until_loaded(stub, requests=80)
    generators(process, "--master")[0].kill()
    finished = bench.finish(process)
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert finished.measured("requests") > 0


def test_no_request_is_never_a_pass(bench: Bench) -> None:
    """A profile that brings no arrival fails: there is nothing to judge."""
    finished = bench.load(bench.stub().origin, bench.profile(rate=1e-6, seconds=1))
    assert finished.measured("requests") == 0
    assert finished.outcome("load-happened") is Outcome.FAIL


def test_a_saturated_generator_is_never_a_pass(bench: Bench) -> None:
    """A rate that no process can send is inconclusive or worse, and the reason names the generator."""
    finished = bench.load(bench.stub().origin, bench.profile(rate=15_000, seconds=2))
    assert finished.verdict.outcome is not Outcome.PASS
    assert finished.outcome("load-inconclusive") is Outcome.INCONCLUSIVE
    assert finished.measured("arrivals_dropped") > 0


@pytest.mark.parametrize("limit_bytes", [8_000, 30_000])
def test_a_full_disk_is_never_a_pass(bench: Bench, limit_bytes: int) -> None:
    """Where files cannot grow, the run ends with one clear line and status 2, and its record is refused."""
    stub = bench.stub()
    profile = bench.profile(mix=WRITES, rate=60)
    command = [sys.executable, "manage.py", "loadtest", str(profile), "--target", stub.origin]
    finished = subprocess.run(
        [*command, "--run", str(bench.folder / "run")],
        cwd=ROOT,
        env=bench.environment(stub.origin, PYTHONDEVMODE=""),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)),  # noqa: PLW1509
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    run = bench.finish(subprocess.Popen(["true"], stdout=subprocess.PIPE, text=True))
    with pytest.raises(RecordError):
        _ = run.record
    assert run.verdict.outcome is Outcome.FAIL


def test_ctrl_c_keeps_what_was_measured_and_leaves_nothing_behind(bench: Bench) -> None:
    """Ctrl-C ends all processes, removes the run's rows, and leaves a record that is no pass."""
    stub = bench.stub()
    process = bench.start(stub.origin, bench.profile(seconds=30, mix=WRITES))
    bench.wait_until_loaded(stub, requests=60)
    process.send_signal(signal.SIGINT)
    finished = bench.finish(process)
    assert finished.status == 130
    assert finished.record.footer.completion is Completion.INTERRUPTED
    assert finished.measured("leftover_rows") == 0
    assert finished.measured("lost_writes") == 0
    assert finished.verdict.outcome is not Outcome.PASS
    assert not processes_of(finished.run)


def test_a_killed_supervisor_leaves_no_process_behind(bench: Bench) -> None:
    """kill -9 of the command ends master and workers too; the record without its end is refused."""
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
