"""A row lock that is gone is named; one that a statement in other words takes is not gone."""

from reglab.report.records import Evidence
from reglab.work.evidence_ranking import by_surplus

LOCKED = 'SELECT "book"."id" FROM "book" WHERE "book"."id" = ? ORDER BY "book"."id" LIMIT ? FOR NO KEY UPDATE'


def _hints(*texts: str) -> list[str]:
    evidence = [Evidence(kind="statement", text=text, table="book", source="views.py:3 in shown") for text in texts]
    found = by_surplus(evidence, {LOCKED: 1}, sent=dict.fromkeys(texts, 1))
    return [one.text for one in found if one.kind == "hint" and "row lock" in one.text]


def test_a_statement_that_locks_no_more_is_named() -> None:
    """Fewer locks are no improvement: two requests can be in each other's way now."""
    (hint,) = _hints(LOCKED.removesuffix(" FOR NO KEY UPDATE"))
    assert hint == f"the row lock has vanished: accepted was {LOCKED}"


def test_a_lock_in_other_words_is_there() -> None:
    """Another limit, order or strength of the lock on the same table."""
    assert not _hints('SELECT "book"."id" FROM "book" WHERE "book"."id" = ? LIMIT ? FOR UPDATE')
    assert not _hints(LOCKED)


def test_a_statement_that_is_sent_is_not_gone() -> None:
    """The evidence of one table's rows is some of the statements: the others are sent all the same, lock and all."""
    rows = [Evidence(kind="statement", text="SELECT 1", table="shelf", source="views.py:3 in shown")]
    accepted = {LOCKED: 1, "SELECT 1": 1, "SELECT 2": 2}
    found = by_surplus(rows, accepted, sent={LOCKED: 1, "SELECT 1": 1, "SELECT 2": 1})
    assert [(one.text, one.count) for one in found if one.kind == "hint"] == [
        ("accepted, and no longer sent: SELECT 2", 1)
    ]
