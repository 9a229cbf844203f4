"""Errors that nobody foresaw are the project's where its line is the nearest to them, the harness's own elsewhere."""

import argparse
import errno
import importlib
import os
import re
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from reglab.console import Console
from reglab.last_handler import COULD_NOT_RUN, REFUSALS, exit_code_of, harness_error
from reglab.project.statements import shape_of


def _raised(run: Callable[[], Any]) -> Exception:
    try:
        run()
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is told
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("source", "line", "kind"), [("x = 1\nint[0]\n", 2, "TypeError"), ("x = (\n", 1, "SyntaxError")]
)
def test_a_module_of_the_project_that_cannot_be_imported_is_named(
    source: str, line: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need report that: the sentence has the file and the line, and never speaks of the harness."""
    name = f"broken_{kind.lower()}"
    (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    told = harness_error(_raised(lambda: importlib.import_module(name)))
    assert re.match(rf"the project's own code raises {kind}: .*, at {name}\.py:{line}; the traceback is in ", told)


def test_an_error_inside_the_harness_stays_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the project's code is further out."""
    monkeypatch.chdir(Path(__file__).parent)
    broken: Any = None
    assert harness_error(_raised(lambda: shape_of(broken))).startswith("an error of the harness, not of your change: ")


def test_a_project_that_ends_the_process_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sys.exit(0)` in a module of the project: exit 2, with its line."""
    (tmp_path / "ending.py").write_text("import sys\nsys.exit(0)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    told = StringIO()

    def run() -> int:
        importlib.import_module("ending")
        return 0

    assert exit_code_of("reglab audit", run, Console.around(StringIO(), told)) == COULD_NOT_RUN
    assert told.getvalue() == (
        "reglab audit: the project's own code ends the process (SystemExit: 0), at ending.py:2\n"
    )


def test_the_end_of_a_command_line_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What argparse says and ends with is nobody else's."""
    monkeypatch.chdir(tmp_path)

    def run() -> int:
        argparse.ArgumentParser().exit(0)

    with pytest.raises(SystemExit):
        exit_code_of("reglab audit", run, Console.around(StringIO(), StringIO()))


def test_a_copy_that_was_refused_names_its_first_file(tmp_path: Path) -> None:
    """A full disk beneath a copy of a folder: shutil's own error has a list of files, and no number."""
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").write_text("a", encoding="utf-8")

    def full(_source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), target)

    def refused() -> int:
        shutil.copytree(tmp_path / "from", tmp_path / "to", copy_function=full)
        return 0

    told = StringIO()
    assert exit_code_of("reglab audit", refused, Console.around(StringIO(), told)) == COULD_NOT_RUN
    place = tmp_path / "to" / "a"
    assert told.getvalue() == f"reglab audit: {place}: No space left on device; {REFUSALS[errno.ENOSPC]}\n"


@pytest.mark.parametrize("number", REFUSALS, ids=lambda number: errno.errorcode[number])
def test_what_the_machine_refused_is_one_sentence_without_a_traceback(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a limit of size or of open files: the place, the reason, what to do; exit 2, and no file is left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def refused() -> int:
        raise OSError(number, os.strerror(number), "/var/run/record.jsonl")

    told = StringIO()
    assert exit_code_of("reglab audit", refused, Console.around(StringIO(), told)) == COULD_NOT_RUN
    assert told.getvalue() == f"reglab audit: /var/run/record.jsonl: {os.strerror(number)}; {REFUSALS[number]}\n"
    assert not list(tmp_path.iterdir())
