"""Real processes for the load tests: a stub service with a fault, and the command that puts it under load."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reglab.load.server.child_processes import child, wait_for
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.policy import read_policy
from reglab.report.record_files import read_record
from reglab.report.records import Measurement, Record
from reglab.report.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ROOT / "loadtests" / "profiles"
# How long a process is waited for: it bounds a test that hangs, and nothing is decided by it.
PATIENCE_S = 600
KEY = "a-key-that-only-these-tests-know"
PROFILE = """
schema_version = 1
name = "short"
reason = "A few seconds for a test."
seed = 7
timeout_seconds = {timeout}
samples_min = 20
in_flight_max = 400
[data]
customers = 2
orders = 4
hot_orders = 2
[abort]
failure_rate = {abort}
[[stage]]
name = "ramp"
seconds = 1
from_rps = {rate}
to_rps = {rate}
judged = false
[[stage]]
name = "steady"
seconds = {seconds}
from_rps = {rate}
to_rps = {rate}
judged = true
[mix]
{mix}
"""
READS = "list-orders = 1\nread-order = 1"
WRITES = """
read-order = 2
add-item = 6
change-item = 1
delete-item = 1
create-order = 1
create-customer = 1
cancel-order = 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A running stub service."""

    origin: str
    folder: Path
    process: subprocess.Popen[bytes]

    def requests(self) -> list[list[str]]:
        """Return the lines of its log: method, path, status, received, done, 1 for a request of the load."""
        return [line.split() for line in (self.folder / "requests.log").read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a load test left behind."""

    status: int
    output: str
    run: Path

    @property
    def record(self) -> Record:
        """The record, read and validated."""
        return read_record(self.run / "load.jsonl")

    @property
    def verdict(self) -> Verdict:
        """The load's verdict under the committed policy."""
        return judge(self.run, read_policy(), only=("load",))

    def outcome(self, rule: str) -> Outcome:
        """Return the worst outcome of one rule."""
        return max(
            (each.outcome for each in self.verdict.findings if each.rule == rule), key=lambda each: each.severity
        )

    def measured(self, metric: str, *, endpoint: str = "") -> float:
        """Return the one value of a metric."""
        return self.measurement(metric, endpoint=endpoint).values[0]

    def measurement(self, metric: str, *, endpoint: str = "") -> Measurement:
        """Return the measurement of a metric."""
        lines = self.record.measurements
        return next(
            line for line in lines if line.metric.name == metric and line.endpoint == endpoint and not line.part
        )

    def remarks(self, kind: str) -> list[str]:
        """Return the remarks of a kind."""
        return [remark.text for remark in self.record.remarks if remark.kind == kind]


@dataclass(slots=True, kw_only=True)
class Bench:
    """Starts stubs and load tests in a test's own folder."""

    folder: Path
    stack: ExitStack
    started: int = 0

    def stub(self, **faults: Any) -> Stub:
        """Start a stub service with a fault."""
        self.started += 1
        folder = self.folder / f"stub-{self.started}"
        folder.mkdir()
        program = str(Path(__file__).with_name("stub_service.py"))
        log = folder / "stub.log"
        process = self.stack.enter_context(
            child(
                [sys.executable, program, str(folder), json.dumps(faults)],
                log=log,
                environment={"LOADTEST_KEY": KEY, "PYTHONPATH": str(ROOT)},
                folder=ROOT,
            )
        )
        port = folder / "port"
        wait_for(port.exists, what="the stub", seconds=PATIENCE_S, process=process, log=log)
        return Stub(origin=f"http://127.0.0.1:{port.read_text(encoding='ascii')}", folder=folder, process=process)

    def fast_server(self) -> str:
        """Start a server that does nothing, faster than one generator sends; return its origin."""
        port, log = self.folder / "fast.port", self.folder / "fast.log"
        command = [sys.executable, "-m", "tests.load.fast_server", str(port)]
        process = self.stack.enter_context(child(command, log=log, environment={"LOADTEST_KEY": KEY}, folder=ROOT))
        wait_for(
            lambda: port.exists() and port.read_text(encoding="ascii") != "",
            what="the server",
            seconds=PATIENCE_S,
            process=process,
            log=log,
        )
        return f"http://127.0.0.1:{port.read_text(encoding='ascii')}"

    def profile(
        self, *, rate: float = 40, seconds: float = 4, mix: str = READS, timeout: float = 10, abort: float = 1.0
    ) -> Path:
        """Write a short profile."""
        path = self.folder / "short.toml"
        text = PROFILE.format(rate=rate, seconds=seconds, mix=mix, timeout=timeout, abort=abort)
        path.write_text(text, encoding="utf-8")
        return path

    def environment(self, origin: str, **variables: str) -> dict[str, str]:
        """Return the environment of a load test that may go to one origin."""
        targets = self.folder / "targets.toml"
        targets.write_text(
            f'schema_version = 1\n[[target]]\norigin = "{origin}"\nenvironment = "test"\n'
            "rate_rps_max = 20000\nseconds_max = 600\nwrites_max = 100000\n",
            encoding="utf-8",
        )
        ours = {
            "LOADTEST_KEY": KEY,
            "LOADTEST_TARGETS": str(targets),
            "SERVICE_ENVIRONMENT": "test",
            "EXTRA_APPS": "reglab",
            "DATABASE_URL": "sqlite:///:memory:",
            "CI": "1",
        }
        return os.environ | ours | variables

    def start(
        self, origin: str, profile: Path, *options: str, name: str = "run", **variables: str
    ) -> subprocess.Popen[str]:
        """Start a load test and return at once; its run goes into the folder `name`."""
        environment = self.environment(origin, **variables)
        environment.pop("PYTHONDEVMODE", None)
        command = [sys.executable, "manage.py", "load", str(profile), "--target", origin]
        process = subprocess.Popen(
            [*command, "--run", str(self.folder / name), *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.stack.callback(_end, process)
        return process

    def finish(self, process: subprocess.Popen[str], *, name: str = "run", seconds: float = PATIENCE_S) -> Finished:
        """Wait for a load test's end."""
        output, _ = process.communicate(timeout=seconds)
        return Finished(status=process.returncode, output=output, run=self.folder / name)

    def load(self, origin: str, profile: Path, *options: str, name: str = "run", **variables: str) -> Finished:
        """Run a load test to its end."""
        return self.finish(self.start(origin, profile, *options, name=name, **variables), name=name)

    def clean(self, origin: str, run: Path) -> subprocess.CompletedProcess[str]:
        """Remove what a run has left behind."""
        return subprocess.run(
            [sys.executable, "manage.py", "load", "clean", str(run)],
            cwd=ROOT,
            env=self.environment(origin) | {"PYTHONDEVMODE": ""},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def wait_until_loaded(self, stub: Stub, *, requests: int = 20) -> None:
        """Wait until the stub has seen some requests of the load."""
        wait_until(lambda: sum(line[-1] == "1" for line in stub.requests()) >= requests)


def wait_until(condition: Callable[[], bool], *, seconds: float = PATIENCE_S) -> None:
    """Wait for a condition, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come about"
        time.sleep(0.05)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Give a folder and what starts processes in it; all of them end with the test."""
    with ExitStack() as stack:
        yield Bench(folder=tmp_path, stack=stack)
