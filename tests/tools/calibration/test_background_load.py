"""Use of the machine by others, and by us. Others work beside the tests: only lower limits can be held."""

import subprocess
import sys
import time
from pathlib import Path

from tools.calibration import background_load
from tools.calibration.background_load import Neighbours

# Burns a second of CPU, then writes a file.
BURN = "import sys, time, pathlib\nwhile time.process_time() < 1: pass\npathlib.Path(sys.argv[1]).touch()\n"
# Its child is waited for by nobody of ours: once it is alone it is a stranger's process.
ABANDON = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[2], sys.argv[1]])"
NEARLY_A_SECOND = 0.9  # the kernel counts in ticks


def test_what_a_child_burnt_is_ours_when_it_has_ended(tmp_path: Path) -> None:
    """A process that was waited for has left its second of CPU with us."""
    before = background_load._own_seconds()  # the half of the difference that others cannot blur
    subprocess.run([sys.executable, "-c", BURN, str(tmp_path / "done")], check=True)
    assert background_load._own_seconds() - before > NEARLY_A_SECOND


def test_what_a_stranger_burnt_is_the_neighbours(tmp_path: Path) -> None:
    """A second of CPU of a process that has ended, and was never ours, is found all the same."""
    before, done = Neighbours.now(), tmp_path / "done"
    subprocess.run([sys.executable, "-c", ABANDON, str(done), BURN], check=True)
    while not done.exists():
        time.sleep(0.05)
    seconds = before.cores_since() * (time.monotonic() - before.at)
    assert seconds > NEARLY_A_SECOND
