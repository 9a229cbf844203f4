"""Fewer scans of the same statement for want of an index are told as the loss that they are."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reglab.counters.index_oracle import UNINDEXED_SCANS
from reglab.counters.queries import QUERIES
from reglab.project.orm.removed_indexes import RemovedIndex
from reglab.report.records import Evidence, Measurement
from reglab.work import lost_indexes as module
from reglab.work.lost_indexes import lost_index_lines, lost_indexes

VARIANT = "rows=4"
STATEMENT = 'SELECT "id" FROM "orders_order" WHERE "status" = ? ORDER BY "created_at" LIMIT ?'


def _ledger(part: str) -> Any:
    return SimpleNamespace(statements=lambda **_: {STATEMENT: 1}, parts=lambda **_: [part])


def _result() -> Any:
    taking = SimpleNamespace(complaint="")
    return SimpleNamespace(scenario=SimpleNamespace(name="list"), endpoint="GET /o/", takings={VARIANT: [taking]})


def _table(statement: str, **scans: int) -> Any:
    sent = Measurement(metric=QUERIES, values=(1,), evidence=(Evidence(kind="statement", text=statement, count=1),))
    counted = {
        (UNINDEXED_SCANS, f"orders_order: {columns}"): {VARIANT: Measurement(metric=UNINDEXED_SCANS, values=(count,))}
        for columns, count in scans.items()
    }
    return {(QUERIES, ""): {VARIANT: sent}, **counted}


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of any table that a migration has taken away."""
    index = RemovedIndex(index="created_at", path=str(Path("orders/migrations/0009_less.py")))
    monkeypatch.setattr(module, "removed_index", lambda _: index)


@pytest.mark.usefixtures("removed")
def test_the_same_statement_is_no_better_without_its_index() -> None:
    """The index, its table and its migration are named, once."""
    lost = lost_indexes(_result(), _table(STATEMENT), _ledger("orders_order: total_cents"))
    (line,) = lost_index_lines(_result(), lost)
    assert (line.metric.name, line.part, line.values) == ("lost_conditions", "orders_order: index", (1,))
    assert line.evidence[0].text.startswith("the index of orders_order on created_at is gone")
    assert line.evidence[0].source == "orders/migrations/0009_less.py:1"


@pytest.mark.usefixtures("removed")
@pytest.mark.parametrize(
    ("statement", "part", "scans"),
    [
        ("SELECT 1", "orders_order: total_cents", {}),
        (STATEMENT, "orders_order: customer_id", {}),
        (STATEMENT, "orders_order: whole table", {}),
        (STATEMENT, "orders_order: total_cents", {"total_cents": 1}),
    ],
    ids=["another statement", "an index that serves", "no columns", "still counted"],
)
def test_what_may_be_better_is_left_to_its_rule(statement: str, part: str, scans: dict[str, int]) -> None:
    """Another statement, an index on the very column, and what is counted as before are no loss."""
    assert lost_indexes(_result(), _table(statement, **scans), _ledger(part)) == {}


def test_nothing_is_lost_where_no_migration_took_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner has its reasons: fewer rows, other statistics."""
    monkeypatch.setattr(module, "removed_index", lambda _: None)
    assert lost_indexes(_result(), _table(STATEMENT), _ledger("orders_order: total_cents")) == {}
