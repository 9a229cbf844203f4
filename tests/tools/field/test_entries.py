"""The entries of the field projects can be read, and their pins name no index."""

from pathlib import Path

import pytest

from tools.field.errors import FieldError
from tools.field.places import PROJECTS
from tools.field.projects import Edit, Planted, Project, read_projects
from tools.field.sites import plant


@pytest.fixture
def planted() -> Planted:
    """Return an edit of one file, as an entry declares it."""
    return Planted(
        endpoint="GET /",
        file="views.py",
        edits=(Edit(find="rows = []\n", replace="rows = list(asked())\n"),),
        at="views.py",
        line="rows = list(asked())",
    )


def test_every_entry_is_read_the_small_ones_first() -> None:
    """Each folder of `projects` is an entry, and the small projects come before the large ones."""
    projects = read_projects()
    assert {project.name for project in projects} == {path.name for path in PROJECTS.iterdir() if path.is_dir()}
    sizes = [project.size for project in projects]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("project", read_projects(), ids=lambda project: project.name)
def test_pins_have_hashes_and_no_index(project: Project) -> None:
    """Each pinned package has a hash, and the file names no host that it came from."""
    text = project.lock.read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert len(pins) > 5
    assert all(line.endswith("\\") for line in pins)
    assert "://" not in text
    assert "index-url" not in text
    assert project.version


def test_what_is_planted_is_told_by_file_and_line(planted: Planted, tmp_path: Path) -> None:
    """The place is the line of the file on which the planted query is sent."""
    (tmp_path / "views.py").write_text("import shop\n\nrows = []\n")
    assert plant(planted, tmp_path) == "views.py:3"
    assert "rows = list(asked())" in (tmp_path / "views.py").read_text()


def test_code_that_the_edit_was_not_written_for_is_refused(planted: Planted, tmp_path: Path) -> None:
    """A text that is there twice, or not at all, stops the field test with the file's name."""
    (tmp_path / "views.py").write_text("rows = []\nrows = []\n")
    with pytest.raises(FieldError, match=r"views\.py: 2 places"):
        plant(planted, tmp_path)
