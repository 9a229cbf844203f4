"""A reader that has seen enough, and a start that is refused, leave nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.console import Console
from reglab.errors import AuditError
from reglab.report.runs import create_run, run_folder, run_folders


def test_a_closed_pipe_is_no_error() -> None:
    """`report show RUN | head -1` ends with the verdict's own code, whatever the reader has left unread."""
    program = (
        "import sys; from reglab.console import Console; from reglab.last_handler import exit_code_of;"
        "console = Console.of_process();"
        "sys.exit(exit_code_of('reglab', lambda: [console.say('x' * 100) for _ in range(5000)] and 1, console))"
    )
    reading, writing = os.pipe()
    with subprocess.Popen([sys.executable, "-c", program], stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        said = process.communicate()[1]
    assert (process.returncode, said) == (1, b"")


def test_git_ignores_the_folder_that_a_first_run_makes(tmp_path: Path) -> None:
    """Megabytes of records are no part of a history; a folder that was there keeps what its owner wants."""
    create_run(tmp_path / "var" / "runs")
    assert (tmp_path / "var" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (tmp_path / "own").mkdir()
    create_run(tmp_path / "own" / "runs")
    assert not (tmp_path / "own" / ".gitignore").exists()


def test_a_start_that_is_refused_leaves_no_run(tmp_path: Path) -> None:
    """The latest run is one that measured something, if only a part; what was written is kept."""
    console = Console.of_process()

    def refused(*, after: str) -> None:
        with run_folder(None, tmp_path / "var" / "runs", console=console) as folder:
            if after:
                (folder / after).write_text("", encoding="utf-8")
            raise AuditError("no such scenario")

    for after in ("", "work.jsonl"):
        with pytest.raises(AuditError):
            refused(after=after)
    assert [[each.name for each in run.iterdir()] for run in run_folders(tmp_path / "var" / "runs")] == [["work.jsonl"]]


def test_a_console_goes_on_behind_a_closed_pipe() -> None:
    """What is printed later goes nowhere, and raises nothing."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as out:
        console = Console.around(out, sys.stderr)
        os.close(reading)
        console.say("first")
        console.say("second")
        assert os.fstat(writing).st_rdev == Path(os.devnull).stat().st_rdev
