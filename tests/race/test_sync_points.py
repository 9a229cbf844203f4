"""Effect of a statement on a race, told from its text, and where a request is stopped."""

import pytest

from reglab.race.scheduling.sync_points import Action, Kind, action_of, stops_of

READ = 'SELECT "a" FROM "t" WHERE "id" = %s'
WRITE = 'UPDATE "t" SET "a" = %s WHERE "id" = %s'
COMMIT = Action(kind=Kind.COMMIT, text="COMMIT")


def action(sql: str, *, commits_itself: bool = False) -> Action:
    return action_of(sql, marks=(), commits_itself=commits_itself)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        (READ, Kind.READ),
        (f"{READ} FOR UPDATE", Kind.LOCK),
        (f"{READ} FOR NO KEY UPDATE OF t SKIP LOCKED", Kind.LOCK),
        (f"{READ} FOR KEY SHARE", Kind.LOCK),
        ("SELECT 'FOR UPDATE'", Kind.READ),
        (WRITE, Kind.WRITE),
        ('DELETE FROM "t"', Kind.WRITE),
        ('WITH gone AS (DELETE FROM "t" RETURNING "id") SELECT * FROM gone', Kind.WRITE),
        ('INSERT INTO "t" ("a") VALUES (%s) ON CONFLICT ("a") DO UPDATE SET "a" = 1', Kind.WRITE),
        ('SAVEPOINT "s1"', Kind.CONTROL),
        ('RELEASE SAVEPOINT "s1"', Kind.CONTROL),
    ],
)
def test_a_statement_is_known_by_what_it_does(sql: str, kind: Kind) -> None:
    """Reads, row locks, writes (inside WITH too) and savepoints are told apart; a word in a string is none of them."""
    assert action(sql).kind is kind


def test_a_request_is_stopped_before_locks_writes_and_commit() -> None:
    """Every lock and write is a stop, the commit too, and what comes after it; plain reads before are none."""
    trace = (action(READ), action(f"{READ} FOR UPDATE"), action(WRITE), action(WRITE), COMMIT, action(READ))
    assert stops_of(trace) == {
        1: "its first row lock",
        2: "its first write",
        3: "its second write",
        4: "its first commit",
        5: "what follows its commit",
    }


def test_a_write_that_commits_itself_is_followed_by_a_stop() -> None:
    """Outside of a transaction a write is there for all at once: what follows can meet another client."""
    trace = (action(READ), action(WRITE, commits_itself=True), action(READ))
    assert stops_of(trace) == {1: "its first write", 2: "what follows its commit"}


def test_a_single_statement_is_never_stopped() -> None:
    """Before its only action a request has seen nothing: it would simply come second."""
    assert stops_of((action(WRITE, commits_itself=True),)) == {}
