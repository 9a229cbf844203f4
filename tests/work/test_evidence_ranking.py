"""A row lock that is gone is named; one that a statement in other words takes is not gone."""

from dataclasses import replace

from reglab.report.records import Evidence
from reglab.work.evidence_ranking import by_growth, by_new_writers, by_surplus

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


def test_the_writer_that_is_new_is_named() -> None:
    """A signal updates more rows beside the update that was accepted: the sentence has the signal's line."""
    head = Evidence(kind="write", text="book update 3 rows, the write-set allows 1", source="models.py:9 in save")
    old = Evidence(kind="write", text="1 row of book updated by UPDATE a", source="models.py:9 in save")
    new = Evidence(kind="write", text="2 rows of book updated by UPDATE b", source="signals.py:4 in tidy")
    found = by_new_writers([head, old, new], {"UPDATE a": 1})
    assert [one.source for one in found] == ["signals.py:4 in tidy", "signals.py:4 in tidy", "models.py:9 in save"]
    assert by_new_writers([head, old, new], {}) == (head, old, new)
    assert by_new_writers([head, old], {"UPDATE a": 1}) == (head, old)


def test_rows_that_a_library_reads_late_are_prefetched_where_they_were_built() -> None:
    """The statement of a caller's key shares no frame with one that a serializer sends when the view is done."""
    key = Evidence(kind="statement", text="SELECT key", table="key", source="api.py:20 in authenticate")
    once = Evidence(kind="statement", text="SELECT author", table="author", frames=("api.py:82 in books",), count=4)
    found = by_growth([key, once], [key, replace(once, count=16)], accepted={})
    (hint,) = [one for one in found if one.kind == "hint"]
    assert hint.source == "api.py:82 in books"
