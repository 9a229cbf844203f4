"""A statement that is sent in other words has lost nothing; one without a successor has."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from reglab.work.ledger.ledger import Ledger
from reglab.work.ledger.scenario_file import ScenarioLedger
from reglab.work.lost_clauses import READ_TOO, _candidates, _sentence, _unlocked, _wider, _without_successor

LOCKED = 'SELECT "a"."id" FROM "a" WHERE "a"."id" = ? LIMIT ? FOR UPDATE'
PLAIN = 'SELECT "a"."id" FROM "a" WHERE "a"."id" = ? LIMIT ?'
WITH_A_COLUMN = {text: text.replace('"a"."id" FROM', '"a"."id", "a"."b" FROM') for text in (LOCKED, PLAIN)}


def test_a_column_more_is_no_lock_less() -> None:
    """Of a locked and a plain statement each has its successor, whichever of them is looked at first."""
    new = {*WITH_A_COLUMN.values()}
    assert _without_successor({LOCKED, PLAIN}, new) == set()


def test_a_lock_that_is_gone_beside_a_column_more_is_lost() -> None:
    """The locked statement has no successor, and the plain one is it without its lock."""
    new = {WITH_A_COLUMN[PLAIN]}
    gone = _without_successor({LOCKED, PLAIN}, new)
    assert gone == {LOCKED}
    ((old, lost),) = _candidates(WITH_A_COLUMN[PLAIN], gone)
    assert (old, lost) == (LOCKED, ("FOR UPDATE",))


def test_another_bound_in_the_place_of_one_is_told() -> None:
    """The data may have nothing that lies between; another statement about other columns is none in its place."""
    past, to_now = (PLAIN.replace('"a"."id" = ?', f'"a"."at" {sign} ?') for sign in ("<", "<="))
    ((old, lost),) = _candidates(to_now, {past})
    assert (old, _sentence(lost, "a")) == (past, "rows of a are chosen by a.at <= ?, no longer by a.at < ?")
    assert list(_candidates(WITH_A_COLUMN[PLAIN], {past})) == []


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ('"a"."name" = ?', 'UPPER("a"."name"::text) = UPPER(?)', True),
        ('UPPER("a"."name"::text) = UPPER(?)', '"a"."name" = ?', True),
        ('"a"."name" = ?', '"a"."name" IN (?)', False),
        ('UPPER("a"."name"::text) = UPPER(?)', 'LOWER("a"."name"::text) = LOWER(?)', False),
    ],
)
def test_a_function_around_a_column_is_another_condition(before: str, after: str, *, is_told: bool) -> None:
    """Other rows are equal by it, and a unique index of the column serves it no longer; a list of one is the same."""
    old, new = (PLAIN.replace('"a"."id" = ?', f'"a"."b" = ? AND {one}') for one in (before, after))
    assert [lost[0] for _, lost in _candidates(new, {old})] == (["another condition"] if is_told else [])


WAITING = PLAIN + " FOR UPDATE"


def test_a_lock_that_waits_for_others_is_a_loss() -> None:
    """Workers that skipped what others had now stand in a line; to wait no longer is none."""
    skipping = WAITING + " SKIP LOCKED"
    assert list(_candidates(WAITING, {skipping})) == [(skipping, ("SKIP LOCKED or NOWAIT",))]
    assert list(_candidates(skipping, {WAITING})) == []


def test_columns_that_were_left_out_are_told_once_they_are_read() -> None:
    """A lost defer() reads what other statements read before; a column that nobody knows may be new."""
    ledger = Ledger(
        path=Path("ledger"),
        scenarios={"other": ScenarioLedger(statements={"django": {WITH_A_COLUMN[LOCKED]: 1}})},
        sections=cast("Any", SimpleNamespace(statements="django")),
    )
    wide, wider = WITH_A_COLUMN[PLAIN], WITH_A_COLUMN[PLAIN].replace('"a"."b"', '"a"."b", "a"."new"')
    assert _wider(wide, {PLAIN}, ledger) == (PLAIN, (READ_TOO, "a.b"))
    assert _wider(wider, {PLAIN}, ledger) is None
    assert _wider(PLAIN, {wide}, ledger) is None


def test_a_lock_that_is_gone_with_its_statement_is_lost() -> None:
    """The rows are still changed, with nobody kept from them; where none is, there is nothing to lock."""
    change = 'UPDATE "a" SET "b" = ? WHERE "a"."id" = ?'
    assert list(_unlocked({LOCKED}, {change})) == [("a", LOCKED, change)]
    assert list(_unlocked({PLAIN}, {change})) == list(_unlocked({LOCKED}, {change.replace('"a"', '"other"')})) == []
