"""Guards that no setting says: the order of middleware, and scripts that make markup of texts."""

from pathlib import Path
from typing import Any

import pytest

from reglab.access.audit import Access
from reglab.access.guards.lines import guards_changed
from reglab.access.guards.scripts import READ, is_of_scripts, place_of_script, scripts
from reglab.access.guards.settings import changes
from reglab.access.matrix import Matrix

NAMES = ("first", "second", "third", "fourth")


def _moved(accepted: tuple[str, ...], found: tuple[str, ...]) -> list[str]:
    matrix = Matrix(path=Path("access.toml"), is_new=False, middleware=accepted, guards={})
    measured = guards_changed(Access(middleware=found), matrix)
    return [line.part for line in measured if line.values[0]]


def test_middleware_that_stands_elsewhere_is_named_alone() -> None:
    """One that was moved is one finding, whatever stands between its places."""
    assert _moved(NAMES, ("third", "first", "second", "fourth")) == ["third"]
    assert _moved(NAMES, ("second", "third", "first", "fourth")) == ["first"]


def test_middleware_that_comes_or_goes_moves_no_other() -> None:
    """What is new, and what is gone, is told elsewhere."""
    assert _moved(NAMES, ("new", *NAMES)) == []
    assert _moved(NAMES, NAMES[1:]) == []


@pytest.fixture
def script(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script among the project's templates."""
    monkeypatch.chdir(tmp_path)
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]
    path = tmp_path / "page.js"
    path.write_text("cell.textContent = name;\n", encoding="utf-8")
    return path


def test_a_script_that_makes_markup_of_a_text_is_a_guard_with_its_line(script: Path) -> None:
    """The file, what it does and the last line that does so are told; a text set as text is nothing."""
    before = {name: text for name, text in scripts() if "page.js" in name}
    assert not before
    script.write_text("cell.textContent = name;\ncell.innerHTML = `<td>${name}</td>`;\n", encoding="utf-8")
    ((name, text),) = ((name, text) for name, text in scripts() if "page.js" in name)
    assert text == "innerHTML × 1"
    assert place_of_script(name) == "page.js:2"


def test_a_file_of_the_same_name_is_another_guard(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command runs elsewhere, too, the folder tells which of two scripts of one name makes markup."""
    for folder in "abcdef":
        other = script.parent / folder / script.name
        other.parent.mkdir()
        other.write_text("cell.textContent = name;\n" + "eval(name);\n" * (folder == "c"), encoding="utf-8")
    monkeypatch.chdir(script.parent / "a")
    ((name, _),) = ((name, text) for name, text in scripts() if script.name in name)
    assert place_of_script(name) == "c/page.js:2"


@pytest.mark.parametrize("line", ["if (cell.innerHTML == other) {}", "evaluate(name);", "newFunction(x);"])
def test_what_only_looks_like_it_is_none(script: Path, line: str) -> None:
    """A comparison, and names that merely begin so, make no markup."""
    script.write_text(line, encoding="utf-8")
    assert not [name for name, _ in scripts() if "page.js" in name]


def test_what_was_accepted_before_scripts_were_read_is_silent_about_them() -> None:
    """An older matrix of access tells nothing of a script that was always there."""
    found = {READ: "yes", "markup or code made by page.js": "eval × 1"}
    assert list(changes({}, found)) == []
    assert [name for name, _ in changes({READ: "yes"}, found)] == ["markup or code made by page.js"]
    assert all(is_of_scripts(name) for name in found)
