"""Classes before a view that are gone are found; a view whose error the database made is asked to the end."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.access import callers
from reglab.access.audit import access
from reglab.access.lapses.lapse import SECRET_LOGGED, Lapse
from tests.probe.conftest import Grounds
from tests.probe.matrices import access_of, broken_beside


@pytest.fixture(autouse=True)
def middleware_of_each_test() -> None:
    """Let each test set up its own middleware: an audit's process has one, and keeps its handlers."""
    callers._handler.cache_clear()


def test_a_class_that_is_gone_from_before_a_view_is_told(tmp_path: Path) -> None:
    """A guard or a throttle less is named with its endpoint and line; another one in its place is no loss."""
    accepted = replace(access_of(user="200"), doors={"GET /things/": ("IsOwner", "Slowly")})
    (lost,) = broken_beside(tmp_path, accepted, replace(access_of(user="200"), doors={"GET /things/": ("IsOwner",)}))
    assert (lost.metric.name, lost.part, lost.endpoint) == ("guards_changed", "Slowly", "GET /things/")
    assert lost.evidence[0].text == "no longer guarded by Slowly; guarded by IsOwner"
    assert lost.evidence[0].source == "views.py:3 in Things"
    other = replace(access_of(user="200"), doors={"GET /things/": ("IsOwnerOfIt", "Slowly")})
    assert not broken_beside(tmp_path, accepted, other)


@pytest.mark.postgres
def test_a_view_that_lets_the_database_refuse_is_asked_to_the_end(ground: Grounds, settings: Any) -> None:
    """What it caught has ended the transaction around it: nothing that it wrote is left to be looked at."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    found = access(ground("POST /refused-by-the-database/", status=409))
    assert {cell.answer for cell in found.cells if cell.caller == "user" and cell.scenario == "one"} == {"409"}


def test_a_lapse_fails_until_its_id_is_accepted(tmp_path: Path) -> None:
    """It is named at its scenario, endpoint and line, once for all callers."""
    found = access_of(user="200")
    lapse = Lapse(id=SECRET_LOGGED, scenario="show", endpoint="GET /things/", text="a token", places=("views.py:3",))
    found.lapses = [lapse, replace(lapse, text="another caller's token")]
    (broken,) = broken_beside(tmp_path, access_of(user="200"), found)
    assert (broken.metric.name, broken.part, broken.endpoint) == ("deploy_issues", SECRET_LOGGED, "GET /things/")
    assert broken.evidence[0].source == "views.py:3"
    assert not broken_beside(tmp_path, found, found)
