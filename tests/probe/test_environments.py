"""Other closed environments: their settings are held against what was accepted of them, and DEBUG as it is written."""

import os
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import reglab
from reglab.access.audit import Access
from reglab.access.guards.environments import guards_of_environments, with_surroundings
from reglab.access.guards.settings import guards
from reglab.access.matrix import matrix_beside, write_matrix
from reglab.access.recording import differences
from reglab.config.project import Project
from reglab.errors import AuditError
from reglab.report.records import Measurement, Remark, RemarkKind
from tests.probe.matrices import access_of, broken_beside


def test_another_environment_is_held_against_what_was_accepted_of_it(tmp_path: Path) -> None:
    """A guard that falls in staging alone is told as staging's; one that falls everywhere is told once."""
    held = {"DEBUG": "false", "SECURE_SSL_REDIRECT": "true"}
    open_there = {"DEBUG": "true", "SECURE_SSL_REDIRECT": "true"}

    def found(*, closed: dict[str, str], staging: dict[str, str]) -> Access:
        return Access(
            guards=closed,
            middleware=("csrf",),
            environments={"staging": with_surroundings(staging, middleware=("csrf",))},
        )

    accepted = found(closed=held, staging=held)
    assert not broken_beside(tmp_path, accepted, accepted)
    (alone,) = broken_beside(tmp_path, accepted, found(closed=held, staging=open_there))
    assert (alone.part, alone.evidence[0].text) == (
        "staging: DEBUG",
        "in staging, DEBUG is true, accepted: false",
    )
    (everywhere,) = broken_beside(tmp_path, accepted, found(closed=open_there, staging=open_there))
    assert everywhere.part == "DEBUG"
    # What staging always had otherwise stays accepted.
    assert not broken_beside(tmp_path, found(closed=held, staging=open_there), found(closed=held, staging=open_there))


def test_an_accepted_environment_that_is_no_longer_named_is_no_pass(tmp_path: Path) -> None:
    """Whoever takes it out of the configuration takes its guards out of the gate: that is read, and accepted."""
    staging = {"staging": with_surroundings({"DEBUG": "false"}, middleware=())}
    accepted = Access(guards={"DEBUG": "false"}, environments=staging)
    write_matrix(tmp_path / "access.toml", accepted, why="As it was found.")
    recorded = list(differences(Access(guards={"DEBUG": "false"}), matrix_beside(tmp_path / "ledger.json")))
    (undecided,) = [one for one in recorded if isinstance(one, Remark) and one.kind is RemarkKind.INCONCLUSIVE]
    assert "no longer named below [tool.reglab.environments]: staging" in undecided.text


def test_an_environment_that_nobody_accepted_is_a_note(tmp_path: Path) -> None:
    """It is new in the configuration: nothing of it can have changed."""
    write_matrix(tmp_path / "access.toml", Access(guards={"DEBUG": "false"}), why="As it was found.")
    staging = {"staging": with_surroundings({"DEBUG": "true"}, middleware=())}
    recorded = list(
        differences(Access(guards={"DEBUG": "false"}, environments=staging), matrix_beside(tmp_path / "ledger.json"))
    )
    assert any(isinstance(each, Remark) and "the settings of staging" in each.text for each in recorded)
    assert not any(isinstance(each, Measurement) and each.values[0] and each.part for each in recorded)


def test_debug_is_told_as_the_project_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit itself runs without DEBUG, as Django's tests do: what production has is in the module."""
    monkeypatch.setattr(import_module(os.environ["DJANGO_SETTINGS_MODULE"]), "DEBUG", True)
    assert guards()["DEBUG"] == "true"


def test_environments_are_read_in_processes_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings module, or variables; one that does not load is a sentence with its name."""
    (tmp_path / "staging_settings.py").write_text(
        "DEBUG = True\nSECRET_KEY = 'x'\nINSTALLED_APPS = []\nROOT_URLCONF = 'staging_settings'\nurlpatterns = []\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(reglab.__file__).parents[1])]))
    found = guards_of_environments(Project(environments={"staging": "staging_settings"}))
    assert found["staging"]["DEBUG"] == "true"
    with pytest.raises(AuditError, match=r"the settings of 'preview' .* cannot be loaded: .*No module named 'gone'"):
        guards_of_environments(Project(environments={"preview": "gone"}))


def test_a_middleware_that_is_gone_is_told_before_what_it_did(tmp_path: Path) -> None:
    """A header that it sent is gone with it: the reason comes first."""
    gone = replace(access_of(nobody="401"), middleware=(), headers={"show": {}})
    assert [one.part for one in broken_beside(tmp_path, access_of(nobody="401"), gone)] == ["csrf", "X-Frame-Options"]
