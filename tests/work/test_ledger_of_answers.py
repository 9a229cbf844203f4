"""Answers and sizes in the ledger: told in values, with the line of what is new; a size that it lacks is new."""

from pathlib import Path

import pytest

from reglab.counters.answers import ANSWER
from reglab.counters.queries import QUERIES
from reglab.counters.shown_values import SHOWN_VALUES
from reglab.report.checksums import checksum_of
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Measurement, RemarkKind
from reglab.work.audit import Audit
from reglab.work.counter_table import table_of
from reglab.work.recording.counters import counter_lines
from reglab.work.recording.ledger import ledger_remarks
from tests.work.test_ledger import audit, counted, ledger_at, outcomes, taken

# A section of the ledger is named after the database.
pytestmark = pytest.mark.django_db


def test_a_size_that_the_ledger_lacks_judges_nothing(tmp_path: Path) -> None:
    """A suite that asks for other sizes has other answers there: new, and no change of those that were accepted."""
    sizes = {
        name: [[counted(QUERIES, count), counted(ANSWER, count, part="n")]] * 2
        for name, count in (("x=1", 1), ("x=4", 4))
    }
    taken(audit({"a": sizes}), tmp_path)
    grown = {"a": {**sizes, "x=9": [[counted(QUERIES, 9), counted(ANSWER, 9, part="n")]] * 2}}
    assert set(outcomes(audit(grown), tmp_path)) == {Outcome.PASS}
    tables = {"a": table_of(audit(grown).results[0])}
    remarks = list(ledger_remarks(audit(grown), tables, ledger_at(tmp_path)))
    said = [each.text for each in remarks]
    assert {each.kind for each in remarks} <= {RemarkKind.NOTE}
    others = audit({"a": {"x=9": grown["a"]["x=9"]}})
    remarks = list(ledger_remarks(others, {"a": table_of(others.results[0])}, ledger_at(tmp_path)))
    # None of its sizes is known: that is no pass.
    assert RemarkKind.INCONCLUSIVE in {each.kind for each in remarks}
    assert next(text for text in said if "x=9" in text) == "x=9 is new: the ledger holds nothing of this size for a"


def test_an_accepted_answer_is_told_in_values(tmp_path: Path) -> None:
    """A checksum tells nobody what was accepted; where a small value is behind it that is said."""

    def answered(*values: object) -> Audit:
        answer = counted(ANSWER, checksum_of(values) if values else 0, part="n")
        return audit({"a": {"x=1": [[counted(QUERIES, 1), answer]] * 2}})

    taken(answered(3), tmp_path)
    said = [change.text for change in taken(answered(4), tmp_path)]
    assert said == ["answer n 3 → 4"]
    assert [change.text for change in taken(answered("a", "b"), tmp_path)] == ["answer n 4 → other values"]
    assert [change.text for change in taken(answered(), tmp_path)] == ["answer n other values → no such field"]


def test_another_answer_has_the_line_of_what_is_new(tmp_path: Path) -> None:
    """An answer has no line of its own; the statement that was not accepted has one."""
    old = Evidence(kind="statement", text="SELECT a", source="shop/views.py:1 in listed")
    new = Evidence(kind="statement", text="SELECT b", source="shop/views.py:2 in listed")

    def measured(statement: Evidence, checksum: int) -> Audit:
        queries = Measurement(metric=QUERIES, values=(1,), evidence=(statement,))
        shown = Evidence(kind="response", text="n: 3")
        answer = Measurement(metric=ANSWER, part="n", values=(checksum,), evidence=(shown,))
        return audit({"a": {"x=1": [[queries, answer]] * 2}})

    taken(measured(old, 1), tmp_path)
    (result,) = measured(new, 2).results
    lines = [each for each in counter_lines(result, table_of(result), ledger_at(tmp_path)) if each.metric is ANSWER]
    assert [one.source for one in lines[0].evidence] == ["", new.source]


def test_a_value_that_stands_in_the_place_of_another_is_recorded_once(tmp_path: Path) -> None:
    """A filter that changes makes another expression: a second line of it would be a fault of the harness."""

    def measured(part: str, checksum: int) -> Audit:
        return audit({"a": {"x=1": [[counted(SHOWN_VALUES, checksum, part=part)]] * 2}})

    taken(measured('a.html: day|date:"Y-m-d"', 1), tmp_path)
    (result,) = measured('a.html: day|date:"Y-d-m"', 2).results
    lines = [
        each for each in counter_lines(result, table_of(result), ledger_at(tmp_path)) if each.metric is SHOWN_VALUES
    ]
    identities = [(each.part, each.variant) for each in lines]
    assert len(identities) == len(set(identities))
    (told,) = [each for each in lines if each.part.endswith('"Y-d-m"')]
    assert (told.accepted, told.gates) == (1, True)
