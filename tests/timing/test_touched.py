"""Scenarios that are timed because of the change: functions from both sides of a diff, the largest change first."""

import subprocess
from pathlib import Path

import pytest

from reglab.timing.touched.changes import Changes, changes_between
from reglab.timing.touched.choice import TOUCHED_MAX, chosen

BEFORE = """import os


def kept():
    return 1


class Desk:
    size = 1

    def open(self):
        return [number for number in (1, 2)]
"""


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], cwd=folder, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of one module."""
    (tmp_path / "desk.py").write_text(BEFORE, encoding="utf-8")
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "First")
    return tmp_path


def _functions(folder: Path, text: str) -> tuple[dict[tuple[str, str], int], list[str]]:
    (folder / "desk.py").write_text(text, encoding="utf-8")
    found = changes_between(folder, baseline="HEAD", candidate="", paths=(".",))
    return found.functions, found.elsewhere


def test_a_line_belongs_to_its_function(repository: Path) -> None:
    """The line that goes and the line that comes both count, under the name that a code object has."""
    functions, elsewhere = _functions(repository, BEFORE.replace("(1, 2)", "(1, 2, 3)"))
    assert functions == {("desk.py", "Desk.open"): 2}
    assert not elsewhere


def test_comments_and_imports_touch_nothing(repository: Path) -> None:
    """A comment, a docstring and an import execute in no request."""
    functions, elsewhere = _functions(repository, '"""A desk."""\n' + BEFORE.replace("import os", "import sys  # why"))
    assert not functions
    assert not elsewhere


def test_what_lies_outside_of_functions_is_told(repository: Path) -> None:
    """No scenario can be told for an attribute of a class: the place is named instead."""
    functions, elsewhere = _functions(repository, BEFORE.replace("size = 1", "size = 2"))
    assert not functions
    assert elsewhere == ["desk.py:9", "desk.py:9"]


def test_the_most_changed_scenarios_come_first_and_the_rest_is_told() -> None:
    """Fixed scenarios are timed anyway; beyond the limit the names are left out, and said."""
    found = Changes(functions={("desk.py", "kept"): 1, ("desk.py", "Desk.open"): 4})
    executed = {
        "both": frozenset({("desk.py", "kept"), ("desk.py", "Desk.open")}),
        "open": frozenset({("desk.py", "Desk.open")}),
        "fixed": frozenset({("desk.py", "Desk.open")}),
        "none": frozenset({("desk.py", "other")}),
        **{f"kept-{number}": frozenset({("desk.py", "kept")}) for number in range(TOUCHED_MAX)},
    }
    choice = chosen(found, executed, fixed=["fixed"])
    assert choice.scenarios == ("both", "open", "kept-0")
    assert choice.left_out == ("kept-1", "kept-2")
    assert "left out: kept-1, kept-2" in choice.told
