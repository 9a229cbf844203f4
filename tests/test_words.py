"""The words of the tree: how module docstrings begin, how large rooms and modules are."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

PROJECT = Path(__file__).resolve().parents[1]
# STYLE 16: a noun phrase or a verb says what a module holds; a question makes the reader guess.
QUESTION = re.compile(r"(What|Which|Where|Who|Whose|How|Whether|Why|When)\b")
MODULES_PER_FOLDER_MAX = 16
LINES_MAX = 300
LINES_MEDIAN_MAX = 120


def modules(*tops: str) -> list[Path]:
    """Return the Python files of git under some folders, without migrations."""
    listed = subprocess.run(["git", "ls-files", "-z", *tops], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.split("\0") if name.endswith(".py") and "/migrations/" not in name]


def test_module_docstrings_begin_with_a_noun_phrase_or_a_verb() -> None:
    """No module's docstring begins with a question word."""
    odd = []
    for path in modules():
        docstring = ast.get_docstring(ast.parse((PROJECT / path).read_text(encoding="utf-8"))) or ""
        if QUESTION.match(docstring):
            odd.append(f"{path}: {docstring.splitlines()[0]}")
    assert not odd, "\n".join(odd)


@pytest.mark.parametrize("top", ["reglab", "service", "tools"])
def test_no_folder_is_cramped(top: str) -> None:
    """A folder holds about fifteen modules at most, the empty `__init__` left out."""
    rooms = Counter(path.parent for path in modules(top) if path.name != "__init__.py")
    cramped = {str(room): count for room, count in rooms.items() if count > MODULES_PER_FOLDER_MAX}
    assert not cramped


def test_modules_are_short() -> None:
    """The median module of the package is at most 120 lines long."""
    sizes = {path: len((PROJECT / path).read_text(encoding="utf-8").splitlines()) for path in modules("reglab")}
    sizes = {path: size for path, size in sizes.items() if size}
    assert median(sizes.values()) <= LINES_MEDIAN_MAX


@pytest.mark.parametrize("top", ["reglab", "service", "bench", "loadtests", "deploy", "tools", "tests"])
def test_no_module_is_long(top: str) -> None:
    """None is above 300 lines, tests included: it is split along a noun."""
    sizes = {str(path): len((PROJECT / path).read_text(encoding="utf-8").splitlines()) for path in modules(top)}
    assert not {path: size for path, size in sizes.items() if size > LINES_MAX}
