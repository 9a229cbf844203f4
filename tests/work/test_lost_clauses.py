"""A statement that is sent in other words has lost nothing; one without a successor has."""

from reglab.work.lost_clauses import _candidates, _without_successor

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
