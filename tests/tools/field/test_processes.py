"""A step's process is measured, and ended where it does not end by itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.field.places import REPOSITORY
from tools.field.processes import run


def test_exit_code_memory_and_output_are_kept(tmp_path: Path) -> None:
    """What the process printed on either stream is in the file, and its memory was measured."""
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    output = tmp_path / "output.txt"
    done = run([sys.executable, "-c", code], folder=tmp_path, environment={}, output=output, seconds_max=600)
    assert (done.exit_code, done.is_timed_out) == (3, False)
    assert sorted(output.read_text().split()) == ["err", "out"]
    assert done.peak_megabytes > 1


def test_a_process_that_does_not_end_is_interrupted(tmp_path: Path) -> None:
    """Past its time the process is interrupted as Ctrl-C does, and the result says so."""
    code = "import signal; signal.pause()"
    output = tmp_path / "output.txt"
    done = run([sys.executable, "-c", code], folder=tmp_path, environment={}, output=output, seconds_max=0.1)
    assert done.is_timed_out
    assert done.exit_code != 0


def test_nobody_s_settings_are_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's settings module and database do not reach the project."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "somebody.settings")
    code = "import os; print(os.environ.get('DJANGO_SETTINGS_MODULE'), os.environ['OWN'])"
    output = tmp_path / "output.txt"
    run([sys.executable, "-c", code], folder=tmp_path, environment={"OWN": "1"}, output=output, seconds_max=600)
    assert output.read_text().split() == ["None", "1"]


def test_an_interrupted_test_leaves_no_process(tmp_path: Path) -> None:
    """The step's process has a session of its own: whoever is interrupted ends it before going."""
    child = (
        "import os, pathlib, signal; pathlib.Path('pid').write_text(str(os.getpid())); "
        "print('up', flush=True); signal.pause()"
    )
    code = (
        "import pathlib, sys; from tools.field.processes import run; "
        f"run([sys.executable, '-c', {child!r}], folder=pathlib.Path({str(tmp_path)!r}), environment={{}}, "
        f"output=pathlib.Path({str(tmp_path / 'output.txt')!r}), seconds_max=600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    output = tmp_path / "output.txt"
    while not (output.exists() and output.read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGINT)
    assert parent.wait(timeout=60) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
