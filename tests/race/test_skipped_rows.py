"""SKIP LOCKED: what the other side holds is not there, and that is the cause."""

from reglab.race.scheduling.scheduler import Event
from reglab.race.scheduling.sync_points import Action, Kind, action_of
from reglab.race.skipped_rows import skipped_rows

NAMES = ("cancel", "archive")
PLAIN = 'SELECT "o"."id" FROM "orders" "o" WHERE "o"."id" = 1 FOR NO KEY UPDATE'
SKIPS = f"{PLAIN} SKIP LOCKED"


def _does(side: int, sql: str) -> Event:
    return Event(side=side, action=action_of(sql, marks=(), commits_itself=False))


def _ends(side: int, kind: Kind) -> Event:
    return Event(side=side, action=Action(kind=kind, text=""))


def test_a_row_that_the_other_holds_is_passed_over() -> None:
    """The lock that skips is the culprit, not the write that it did not wait for."""
    culprit, why = skipped_rows((_does(0, SKIPS), _does(1, SKIPS), _ends(1, Kind.ROLLBACK)), NAMES)
    assert culprit is not None
    assert "SKIP LOCKED" in culprit.text
    assert why == "; archive asks for orders with SKIP LOCKED, and what cancel has locked is not there for it"


def test_rows_of_which_the_locks_are_given_back_are_there() -> None:
    """After the commit or rollback of who held them, nothing is passed over; a lock that waits passes over none."""
    for kind in (Kind.COMMIT, Kind.ROLLBACK):
        assert skipped_rows((_does(0, PLAIN), _ends(0, kind), _does(1, SKIPS)), NAMES) == (None, "")
    assert skipped_rows((_does(0, SKIPS), _does(1, PLAIN)), NAMES) == (None, "")
