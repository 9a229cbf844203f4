"""A stage of the gate: it is told when the gate is told to end, and ends with it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Stands in for `python -m reglab` in the stage's folder: `-m` takes the package of the working folder first.
STAGE = """
import atexit, os, signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
Path("pid").write_text(str(os.getpid()))
atexit.register(lambda: print("cleaned up", flush=True))
print("running", flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
GATE = """
import sys
from pathlib import Path
from reglab.gate.stages import Stage, run_stage
from reglab.termination import terminated_is_interrupted
terminated_is_interrupted()
folder = Path(sys.argv[1])
run_stage(Stage(name="one", title="one", arguments=()), run=folder, folder=folder)
"""

PARENT = """
import os, subprocess, sys
from reglab.termination import ENDS_WITH_PARENT
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], env={**os.environ, ENDS_WITH_PARENT: str(os.getpid())})
print(child.pid, flush=True)
child.wait()
"""
CHILD = """
import time
from reglab.termination import end_with_parent
end_with_parent()
print("asked", flush=True)
time.sleep(600)
"""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a gate of one stage and wait until the stage runs."""
    (tmp_path / "reglab").mkdir()
    (tmp_path / "reglab" / "__init__.py").touch()
    (tmp_path / "reglab" / "__main__.py").write_text(STAGE, encoding="utf-8")
    log = tmp_path / "one.log"
    with subprocess.Popen(
        [sys.executable, "-c", GATE, str(tmp_path)],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while process.poll() is None and not (log.exists() and "running" in log.read_text(encoding="utf-8")):
            time.sleep(0.02)
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("number", "printed"),
    [(signal.SIGTERM, ["running", "cleaned up"]), (signal.SIGINT, ["running", "interrupted", "cleaned up"])],
)
def test_a_signal_to_the_gate_alone_ends_its_stage(
    gate: subprocess.Popen[str], tmp_path: Path, number: signal.Signals, printed: list[str]
) -> None:
    """A CI server signals the gate alone: the stage is told, may clean up, and is waited for."""
    gate.send_signal(number)
    gate.communicate()
    assert gate.returncode != 0
    assert (tmp_path / "one.log").read_text(encoding="utf-8").splitlines() == printed


def test_a_killed_gate_takes_its_stage_along(tmp_path: Path) -> None:
    """A stage that the gate started does not outlive a gate that could say nothing any more."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = {process.stdout.readline().strip() for _ in range(2)}
        process.kill()
    (pid,) = (int(line) for line in lines if line.isdigit())
    deadline = time.monotonic() + 30
    while _is_running(pid):
        assert time.monotonic() < deadline, "the stage outlived its gate"
        time.sleep(0.02)


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
