"""The write-set: attempted, effective, missing and strange writes are told apart."""

import pytest
from pydantic import ValidationError

from reglab.config.suite import Scenario
from reglab.counters.engine.write_sets import breaches, written
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement


def found(writes: dict[str, dict[str, object]], *counts: Measurement) -> list[tuple[str, str, str, int]]:
    """Return the breaches of a scenario with this write-set."""
    scenario = Scenario.model_validate({"name": "one", "request": "GET /", "writes": writes})
    return [
        (breach.metric, breach.table, breach.verb, breach.rows)
        for breach in breaches(scenario, written(counts), values={"items": 3})
    ]


def attempted(part: str, value: int, text: str = "") -> Measurement:
    """Return rows that a statement wrote."""
    evidence = (Evidence(kind="write", text=text),) if text else ()
    return Measurement(metric=METRICS["rows_written"], part=part, values=(value,), evidence=evidence)


def changed(part: str, value: int) -> Measurement:
    """Return rows that differ afterwards."""
    return Measurement(metric=METRICS["rows_changed"], part=part, values=(value,))


def test_a_declared_write_is_no_breach() -> None:
    """As many rows as declared, of the declared table and verb, pass."""
    assert found({"t": {"update": 1}}, attempted("t update", 1), changed("t update", 1)) == []


def test_a_read_that_writes_is_a_breach() -> None:
    """Without a declaration nothing may be written."""
    assert found({}, attempted("t update", 2), changed("t update", 2)) == [
        ("writes_outside_contract", "t", "update", 2)
    ]


def test_lost_rows_come_first() -> None:
    """A deleted row is worse than a changed one, whatever the tables are called."""
    counts = [changed("a insert", 1), changed("b update", 1), changed("z delete", 1)]
    assert [verb for _, _, verb, _ in found({}, *counts)] == ["delete", "update", "insert"]


def test_a_write_without_effect_is_outside_and_said_so() -> None:
    """A no-op or rolled-back write counts as attempted; the evidence says that nothing differs."""
    scenario = Scenario(name="one", request="GET /")
    breach = breaches(scenario, written([attempted("t update", 1)]), values={})[0]
    assert "a no-op write, one of a new row, or one that was undone" in breach.evidence[0].text


def test_a_promised_write_that_fails_to_come_is_a_breach() -> None:
    """The write-set is a promise as well as a limit."""
    assert found({"t": {"insert": 2}}, changed("t insert", 1)) == [("writes_missing", "t", "insert", 1)]


def test_an_update_of_a_row_just_inserted_is_fulfilled() -> None:
    """The digest sees such an update as part of the insert."""
    counts = [attempted("t insert", 1), attempted("t update", 1), changed("t insert", 1)]
    assert found({"t": {"insert": 1, "update": 1}}, *counts) == []


def test_a_count_may_be_the_size_of_an_axis() -> None:
    """A number of rows can follow the dataset."""
    assert found({"t": {"delete": "{items}"}}, changed("t delete", 3)) == []


def test_a_count_may_lie_between_two_bounds() -> None:
    """A cascade takes what is there: fewer than the least are missing, more than the most are outside."""
    writes: dict[str, dict[str, object]] = {"t": {"delete": "2..{items}"}}
    assert found(writes, attempted("t delete", 2), changed("t delete", 2)) == []
    assert found(writes, attempted("t delete", 3), changed("t delete", 3)) == []
    assert found(writes, attempted("t delete", 1), changed("t delete", 1)) == [("writes_missing", "t", "delete", 1)]
    assert found(writes, attempted("t delete", 5), changed("t delete", 5)) == [
        ("writes_outside_contract", "t", "delete", 2)
    ]


@pytest.mark.parametrize("count", ["many", "1..", "..2", "1...2", "{items"])
def test_a_count_that_is_none_is_refused(count: str) -> None:
    """The reader of a suite says what a count may be, before anything runs."""
    with pytest.raises(ValidationError, match="is a number of rows"):
        found({"t": {"delete": count}})


def test_bounds_the_wrong_way_round_are_refused() -> None:
    """No number of rows would ever keep them."""
    with pytest.raises(ValidationError, match=r"the least is more than the most; write 2\.\.5"):
        found({"t": {"delete": "5..2"}})


def test_a_strange_column_is_a_breach() -> None:
    """A column that differs and is not declared is a breach of its own."""
    columns = Measurement(metric=METRICS["columns_changed"], part="t: a, b", values=(2,))
    assert found({"t": {"update": 1, "columns": ["a"]}}, changed("t update", 1), columns) == [
        ("writes_outside_contract", "t", "update columns b", 1)
    ]


def test_a_column_written_with_its_own_value_is_a_breach() -> None:
    """save() without update_fields sets every column: a lost update waits there, though nothing differs now."""
    text = '1 row of t updated by UPDATE "t" SET "a" = ?, "b" = (SELECT "c" = ? FROM "u") WHERE "t"."id" = ?'
    counts = [attempted("t update", 1, text), changed("t update", 1)]
    assert found({"t": {"update": 1, "columns": ["a"]}}, *counts) == [
        ("writes_outside_contract", "t", "update columns b", 1)
    ]
