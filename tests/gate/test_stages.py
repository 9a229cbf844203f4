"""A stage of the gate: it is told when the gate is told to end, and ends with it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reglab.config.project import read_project
from reglab.gate.commandline import stages_of
from reglab.gate.cores import usable_cores
from reglab.gate.stages import Stage, run_stages

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
from reglab.gate.stages import Stage, run_stages
from reglab.termination import terminated_is_interrupted
terminated_is_interrupted()
folder = Path(sys.argv[1])
run_stages([Stage(name="one", title="one", arguments=())], run=folder, folder=folder)
"""

# Stages that look at one another: `meet NAME OTHER` ends when the other has begun, `alone NAME` minds any other.
NEIGHBOURS = """
import sys, time
from pathlib import Path
what, name, *others = sys.argv[1:sys.argv.index("--run")]
running = Path(f"{name}.running")
running.touch()
Path(f"{name}.begun").touch()
deadline = time.monotonic() + 60
while not all(Path(f"{other}.begun").exists() for other in others):
    if time.monotonic() > deadline:
        sys.exit(9)
    time.sleep(0.01)
code = 5 if what == "alone" and list(Path().glob("*.running")) != [running] else 0
running.unlink()
sys.exit(code)
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


def stand_in(folder: Path, program: str) -> None:
    """Put a program in the place of `python -m reglab`."""
    (folder / "reglab").mkdir()
    (folder / "reglab" / "__init__.py").touch()
    (folder / "reglab" / "__main__.py").write_text(program, encoding="utf-8")


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a gate of one stage and wait until the stage runs."""
    stand_in(tmp_path, STAGE)
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


def test_stages_that_count_share_the_machine(tmp_path: Path) -> None:
    """Two stages that count run at the same time where two are allowed, and are reported in the gate's order."""
    stand_in(tmp_path, NEIGHBOURS)
    stages = [
        Stage(name="one", title="one", arguments=("meet", "one", "two")),
        Stage(name="two", title="two", arguments=("meet", "two", "one")),
    ]
    results = run_stages(stages, run=tmp_path, folder=tmp_path, at_once=2)
    assert [(result.stage.name, result.exit_code) for result in results] == [("one", 0), ("two", 0)]


@pytest.mark.parametrize("is_counting", [True, False])
def test_a_stage_that_measures_time_has_the_machine_for_itself(tmp_path: Path, *, is_counting: bool) -> None:
    """A stage that times is started when the counting ones have ended, and the next one when it has ended."""
    stand_in(tmp_path, NEIGHBOURS)
    stages = [
        Stage(name="one", title="one", arguments=("meet", "one", "two")),
        Stage(name="two", title="two", arguments=("meet", "two", "one")),
        Stage(name="times", title="times", arguments=("alone", "times"), is_counting=False),
        Stage(name="last", title="last", arguments=("alone", "last"), is_counting=is_counting),
    ]
    results = run_stages(stages, run=tmp_path, folder=tmp_path, at_once=3)
    assert [result.exit_code for result in results] == [0, 0, 0, 0]


def test_one_core_runs_one_stage_after_the_other(tmp_path: Path) -> None:
    """Where one stage at once is allowed, none meets another; each is told when it starts and when it ends."""
    stand_in(tmp_path, NEIGHBOURS)
    told: list[str] = []
    results = run_stages(
        [Stage(name=name, title=name, arguments=("alone", name)) for name in ("one", "two")],
        run=tmp_path,
        folder=tmp_path,
        started=lambda stage: told.append(f"{stage.name} starts"),
        ended=lambda result: told.append(f"{result.stage.name} ends"),
    )
    assert [result.exit_code for result in results] == [0, 0]
    assert told == ["one starts", "one ends", "two starts", "two ends"]


def test_what_times_is_declared_so() -> None:
    """The pairs and the load measure time; everything else counts, and may share the machine."""
    stages = {stage.name: stage.is_counting for stage in stages_of(read_project(PROJECT))}
    assert stages == {"work": True, "race": True, "probe": True, "benchmark": False, "load": False}


@pytest.mark.parametrize(
    ("text", "cores"),
    [("150000 100000\n", 1), ("50000 100000\n", 1), ("100000 100000\n", 1), ("", None), ("max 100000\n", None)],
)
def test_a_container_has_the_cores_of_its_limit(tmp_path: Path, text: str, cores: int | None) -> None:
    """The limit of a container counts where it is below the machine's cores; an unreadable one does not."""
    limit = tmp_path / "cpu.max"
    limit.write_text(text, encoding="ascii")
    assert usable_cores(limit) == (cores or usable_cores(tmp_path / "missing"))


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
