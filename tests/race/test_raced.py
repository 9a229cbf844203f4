"""Writing scenarios that take part in a race, and those that could and do not."""

from reglab.config.suite import Suite
from reglab.project.requests.raced import unraced

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
