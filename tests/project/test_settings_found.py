"""Settings in a folder of the project's: a layout with `src/` needs no PYTHONPATH."""

import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

import pytest

from reglab.config.project import Project
from reglab.probe.closed_process import _arguments, _environment, _last_said
from reglab.project.drafting.project_file import production_settings
from reglab.project.settings import SETTINGS_VARIABLE, _described, _find_sources


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


def test_production_beside_the_settings_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with one module an environment; one module alone names no other."""
    package = project / "backend/several_conf"
    package.mkdir()
    for name in ("__init__", "dev", "production"):
        (package / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(project / "backend")
    imported = {name: import_module(name) for name in ("several_conf", "several_conf.dev")}
    try:
        assert production_settings("several_conf.dev") == "several_conf.production"
        assert not production_settings("several_conf.production")
        assert not production_settings("settings")
    finally:
        for name in imported:
            sys.modules.pop(name, None)


@pytest.mark.parametrize("closed", ["conf.production", {SETTINGS_VARIABLE: "conf.production", "SECRET_KEY": "any"}])
def test_closed_settings_go_before_the_projects_own(
    closed: str | dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by itself or among variables: the module that reglab.toml names is the open one."""
    monkeypatch.setenv(SETTINGS_VARIABLE, "conf.dev")
    project = Project(folder=tmp_path, settings="conf.dev", closed=closed)
    options = Namespace(only="*", database="auto", suite=None, accept="")
    arguments = list(_arguments(project, options, tmp_path, "HEAD"))
    assert arguments[-2:] == ["--settings", "conf.production"]
    assert _environment(project).get(SETTINGS_VARIABLE) != "conf.dev"


def test_an_exception_of_the_closed_process_is_told_by_its_first_line() -> None:
    """A database's exception goes on with details, which say nothing alone."""
    raised = (
        "Traceback (most recent call last):\n  File ...\ndb.IntegrityError: twice\nDETAIL:  Key (id)=(20) exists.\n"
    )
    assert _last_said(raised) == "db.IntegrityError: twice"
    assert _last_said("begun\nreglab: no such suite\n") == "reglab: no such suite"
    assert _last_said("") == "no message"
