"""The ledger: what it accepts, how it is written, what it refuses."""

import json
from pathlib import Path

import pytest
from django.db import connection

from reglab.errors import AuditError
from reglab.work.ledger import Entry, read_ledger

SECTION = connection.vendor


def entry(scenario: str, metric: str, values: dict[str, int], part: str = "") -> Entry:
    """Return one counter of the base section."""
    return Entry(section=SECTION, scenario=scenario, metric=metric, part=part, values=values)


def test_one_counter_is_one_line(tmp_path: Path) -> None:
    """A difference in review is one line, with the value and the reason of this acceptance."""
    ledger = read_ledger(tmp_path / "ledger.json")
    ledger.accept([entry("a", "queries", {"x=1": 2, "x=4": 2})], statements={}, why="first", scenarios=["a"])
    before = ledger.path.read_text().splitlines()
    ledger.accept([entry("a", "queries", {"x=1": 3, "x=4": 3})], statements={}, why="second", scenarios=["a"])
    after = ledger.path.read_text().splitlines()
    assert [line for line in after if line not in before] == [' "a queries": {"value": 3, "why": "second"}']


def test_what_did_not_change_keeps_its_reason(tmp_path: Path) -> None:
    """A second acceptance rewrites the reasons of nothing but what differs."""
    ledger = read_ledger(tmp_path / "ledger.json")
    ledger.accept([entry("a", "queries", {"x=1": 2})], statements={}, why="first", scenarios=["a"])
    assert ledger.accept([entry("a", "queries", {"x=1": 2})], statements={}, why="second", scenarios=["a"]) == 0
    assert json.loads(ledger.path.read_text())["counters"][SECTION]["a queries"]["why"] == "first"


def test_sizes_that_differ_are_kept_apart(tmp_path: Path) -> None:
    """A counter that depends on the size has a value for each."""
    ledger = read_ledger(tmp_path / "ledger.json")
    ledger.accept([entry("a", "rows_read", {"x=1": 1, "x=4": 4})], statements={}, why="first", scenarios=["a"])
    again = read_ledger(tmp_path / "ledger.json")
    assert again.accepted(section=SECTION, key="a rows_read", variant="x=4") == 4
    assert again.accepted(section=SECTION, key="a rows_read", variant="x=9") is None


def test_unmeasured_scenarios_keep_what_they_have(tmp_path: Path) -> None:
    """`--only` accepts what it measured, and drops what the suite no longer has."""
    ledger = read_ledger(tmp_path / "ledger.json")
    names = ["a", "b", "c"]
    ledger.accept([entry(name, "queries", {"": 1}) for name in names], statements={}, why="first", scenarios=names)
    ledger.accept([entry("a", "queries", {"": 2})], statements={}, why="second", scenarios=["a", "b"])
    assert set(json.loads(ledger.path.read_text())["counters"][SECTION]) == {"a queries", "b queries"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "ledger.json:1: the ledger is no JSON"),
        ('{"schema_version": 9}', "schema 9"),
        ('{"schema_version": 1, "counters": {"x": {"a": {"value": "2", "why": ""}}}}', "counters / x / a"),
        ('{"schema_version": 1, "schema_version": 1}', "stands there twice"),
    ],
)
def test_a_damaged_ledger_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A ledger that cannot be believed stops the audit with its place."""
    path = tmp_path / "ledger.json"
    path.write_text(text)
    with pytest.raises(AuditError, match=said):
        read_ledger(path)
