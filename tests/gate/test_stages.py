"""A stage of the gate: what it is told when the gate is told to end."""

import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
STAGE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("running", flush=True)
time.sleep(600)
"""
GATE = """
import sys
from pathlib import Path
from reglab.gate.stages import Stage, run_stage
from reglab.termination import terminated_is_interrupted
terminated_is_interrupted()
folder = Path(sys.argv[1])
run_stage(Stage(name="one", title="one", arguments=(str(folder / "stage.py"),)), run=folder, folder=folder)
"""


def test_a_terminated_gate_ends_its_stage(tmp_path: Path) -> None:
    """A CI server signals the gate alone: the stage is told, may clean up, and is waited for."""
    ended = 'import atexit; atexit.register(lambda: print("cleaned up", flush=True))\n'
    (tmp_path / "stage.py").write_text(ended + STAGE, encoding="utf-8")
    log = tmp_path / "one.log"
    gate = subprocess.Popen([sys.executable, "-c", GATE, str(tmp_path)], cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    while gate.poll() is None and not (log.exists() and "running" in log.read_text(encoding="utf-8")):
        pass
    gate.send_signal(signal.SIGTERM)
    _, errors = gate.communicate()
    assert gate.returncode != 0
    assert "Terminated" in errors
    assert log.read_text(encoding="utf-8").split() == ["running", "cleaned", "up"]
