"""A step's process is measured, and ended where it does not end by itself."""

import sys
from pathlib import Path

import pytest

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
