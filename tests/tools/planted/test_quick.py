"""The fast subset: what the gate must catch and must leave alone, on every run of the tests."""

from pathlib import Path

import pytest

from reglab.postgres.database_url import configured_url
from tools.planted.catalogue import everything_planted
from tools.planted.judgement import judged
from tools.planted.processes import Processes
from tools.planted.results import Entry
from tools.planted.runner import look

QUICK = [entry for entry in everything_planted() if entry.quick]


@pytest.mark.once
@pytest.mark.postgres
@pytest.mark.parametrize("entry", QUICK, ids=lambda entry: entry.name)
def test_the_gate_sees_what_is_planted_and_nothing_else(entry: Entry, tmp_path: Path) -> None:
    """A regression fails with its cause in the first finding; a neutral change passes."""
    judgement, complaint = judged(entry, look(entry, tmp_path, Processes(database_url=configured_url() or "")))
    assert judgement.is_good, complaint
