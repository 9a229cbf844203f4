"""The neighbour of a noisy trial."""

import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tools.calibration.noise import noise

SECONDS_MAX = 30


def open_files_of_children() -> list[str]:
    """Return what the children of this process have open, files without a name included."""
    found = []
    for child in psutil.Process().children():
        for link in Path(f"/proc/{child.pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile: it is starting
                found.append(str(link.readlink()))
    return found


def test_the_noise_is_on_the_disk_that_holds_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where TMPDIR is another place, such as one in memory, the file that is written to is not there."""
    (tmp_path / "memory").mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "memory"))
    monkeypatch.chdir(tmp_path / "project")
    deadline = time.monotonic() + SECONDS_MAX
    with noise(is_wanted=True):
        while not (found := [path for path in open_files_of_children() if path.startswith(f"{tmp_path}/")]):
            assert time.monotonic() < deadline, "the noise opens no file"
            time.sleep(0.05)
    assert all(path.startswith(f"{tmp_path}/project/") for path in found)
