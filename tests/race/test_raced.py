"""Writing scenarios that take part in a race, and those that could and do not."""

from types import SimpleNamespace
from typing import Any, cast

from reglab.config.suite import Suite
from reglab.project.requests.raced import unraced
from reglab.race.recording import lines_of_suite
from reglab.report.records import Remark

SUITE = """
{
  "schema_version": 1,
  "scenario": [
    {"name": "show", "request": "GET /a/"},
    {"name": "book", "request": "POST /a/"},
    {"name": "pay", "request": "POST /a/pay/"},
    {"name": "left", "request": "POST /a/left/"},
    {"name": "wizard", "steps": [{"request": "POST /a/new/"}, {"request": "POST /a/new/details/"}]},
    {"name": "nightly", "request": "COMMAND nightly"}
  ],
  "race": [{"name": "bookings", "scenarios": ["book"]}],
  "without_race": [{"scenario": "left", "reason": "It writes nothing that others read."}]
}
"""


def test_only_what_could_race_is_asked_to() -> None:
    """Reads, jobs and scenarios of several steps never race: to ask for a race of theirs could not be answered."""
    assert [one.name for one in unraced(Suite.model_validate_json(SUITE))] == ["pay"]


def test_what_cannot_race_is_told() -> None:
    """Nobody is to believe that a wizard was interleaved with others: a note names it."""
    file = cast("Any", SimpleNamespace(suite=Suite.model_validate_json(SUITE)))
    told = [line.text for line in lines_of_suite(file, unraced=()) if isinstance(line, Remark)]
    assert "in no race, for only single requests are interleaved: wizard" in told
