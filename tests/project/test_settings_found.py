"""Settings in a folder of the project's: a layout with `src/` needs no PYTHONPATH."""

import sys
from pathlib import Path

import pytest

from reglab.project.settings import _described, _find_sources


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose packages lie in `backend/`, beside other folders."""
    for name in ("apps", "backend/lonely_conf", ".hidden/lonely_conf", "backend/lonely_conf/parts"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "backend/lonely_conf/settings.py").write_text("")
    (tmp_path / "backend/lonely_conf/parts/__init__.py").write_text("")
    (tmp_path / ".hidden/lonely_conf/secret.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.mark.parametrize("name", ["lonely_conf.settings", "lonely_conf.parts"])
def test_the_folder_that_holds_the_settings_is_found(project: Path, name: str) -> None:
    """A module, or a package; the folder is first on the path then."""
    _find_sources(name)
    assert sys.path[0] == str(project / "backend")


@pytest.mark.parametrize("name", ["lonely_conf.secret", "lonely_conf.other", "json.settings", "reglab.settings"])
def test_nothing_is_added_where_it_is_elsewhere(project: Path, name: str) -> None:
    """A hidden folder, a module that is not there, and one whose package is found already."""
    before = list(sys.path)
    _find_sources(name)
    assert sys.path == before


def test_settings_that_are_nowhere_are_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names PYTHONPATH; a module that the settings import is another matter."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "conf.settings")
    assert "PYTHONPATH" in _described(ModuleNotFoundError("No module named 'conf'", name="conf"))
    assert "PYTHONPATH" not in _described(ModuleNotFoundError("No module named 'environ'", name="environ"))
