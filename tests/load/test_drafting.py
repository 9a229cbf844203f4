"""A first load module is drafted from the audit's suite, and what cannot be drafted is named with its reason."""

from pathlib import Path

import pytest

from reglab.config.project import Project, read_project
from reglab.config.suite import read_suite
from reglab.errors import LoadTestError
from reglab.load import drafting
from reglab.load.initialization import initialize

SUITE = read_project().suite_path.resolve()


def drafted(folder: Path) -> tuple[str, str]:
    """Draft the orders' load into a folder: the module, and what the user is told."""
    told = initialize(Project(folder=folder, suite=str(SUITE)), module=None)
    return (folder / "loadtests" / "operations.py").read_text(encoding="utf-8"), "\n".join(told)


def test_reads_and_writes_are_drafted_with_their_effects(tmp_path: Path) -> None:
    """GET scenarios become reads, writing ones writes with their fields as effects; all of it passes the own check."""
    module, told = drafted(tmp_path)
    assert '"summary": Operation(endpoint="GET /api/orders/summary/", request=summary)' in module
    assert 'change="create", key=key, fields={"name": values["name"], "email": values["email"]}' in module
    assert "fields={'is_active': False}" in module
    assert 'load = "loadtests.operations"' in told
    mix = (tmp_path / "loadtests" / "profiles" / "smoke.toml").read_text(encoding="utf-8").partition("[mix]")[2]
    assert "summary = 1\n" in mix


def test_what_no_row_holds_is_sent_and_not_read_back() -> None:
    """A value of a body that is no field of the model, as one that only the answer's list has, is no effect."""
    suite = read_suite(SUITE).suite
    asked = [
        one.model_copy(update={"body": {**one.body, "results": 5}}) if one.name == "create-customer" else one
        for one in suite.scenario
    ]
    module = drafting.drafted(suite.model_copy(update={"scenario": tuple(asked)})).module()
    assert '"results": 5' in module
    assert '"results": values' not in module
    assert 'fields=("name", "email"' in module.replace("'", '"')


def test_what_cannot_be_drafted_is_named(tmp_path: Path) -> None:
    """An order has no text of its own that could carry the run's id: whatever needs one is left to the reader."""
    module, _ = drafted(tmp_path)
    assert "# Not drafted: create-order: what it makes has no text of its own" in module
    assert "# Not drafted: cancel-order: no drafted write makes the row {order}" in module


def test_a_module_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A second draft refuses to write over the first."""
    drafted(tmp_path)
    with pytest.raises(LoadTestError, match="is there already, and stays as it is"):
        drafted(tmp_path)
