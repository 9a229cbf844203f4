"""A row lock that is gone is named; one that a statement in other words takes is not gone."""

from dataclasses import replace

import pytest

from reglab.report.records import ONE_BY_ONE, WITH_OUTER_ROWS, Evidence
from reglab.work.evidence_ranking import by_growth, by_new_plans, by_new_writers, by_surplus

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


def test_of_two_statements_that_are_new_the_one_that_came_is_first() -> None:
    """A list without its join asks for the same table in other words; what it did not ask before is the author."""
    evidence = [
        Evidence(kind="statement", text='SELECT a FROM "note"', table="note"),
        Evidence(kind="statement", text='SELECT b FROM "author"', table="author"),
    ]
    accepted = {'SELECT a, b FROM "note" INNER JOIN "author"': 1}
    found = by_surplus(evidence, accepted, sent={one.text: 1 for one in evidence})
    assert [one.table for one in found[:2]] == ["author", "note"]


def test_where_nothing_came_what_went_is_first() -> None:
    """Of a query fewer the one that is gone is told, not one that was there before."""
    kept = Evidence(kind="statement", text='SELECT a FROM "token"', table="token")
    first, *_ = by_surplus([kept], {kept.text: 1, 'SELECT b FROM "tag"': 1}, sent={kept.text: 1})
    assert (first.text, first.table) == ('accepted, and no longer sent: SELECT b FROM "tag"', "tag")


def test_the_writer_that_is_new_is_named() -> None:
    """A signal updates more rows beside the update that was accepted: the sentence has the signal's line."""
    head = Evidence(kind="write", text="book update 3 rows, the write-set allows 1", source="models.py:9 in save")
    old = Evidence(kind="write", text="1 row of book updated by UPDATE a", source="models.py:9 in save")
    new = Evidence(kind="write", text="2 rows of book updated by UPDATE b", source="signals.py:4 in tidy")
    found = by_new_writers([head, old, new], {"UPDATE a": 1})
    assert [one.source for one in found] == ["signals.py:4 in tidy", "signals.py:4 in tidy", "models.py:9 in save"]
    assert by_new_writers([head, old, new], {}) == (head, old, new)
    assert by_new_writers([head, old], {"UPDATE a": 1}) == (head, old)


def test_the_plan_of_a_new_statement_comes_first() -> None:
    """A count that sorts now moves a total by a little; the plan with the most rows is the list's, as before."""
    listed, counted = (
        Evidence(kind="plan", text=f"{sql} — {rows}") for sql, rows in (("SELECT a", 99), ("SELECT b", 7))
    )
    assert by_new_plans([listed, counted], {"SELECT a": 1}) == (counted, listed)
    assert by_new_plans([listed, counted], {}) == (listed, counted)


def test_rows_that_a_library_reads_late_are_prefetched_where_they_were_built() -> None:
    """The statement of a caller's key shares no frame with one that a serializer sends when the view is done."""
    key = Evidence(kind="statement", text="SELECT key", table="key", source="api.py:20 in authenticate")
    once = Evidence(kind="statement", text="SELECT author", table="author", frames=("api.py:82 in books",), count=4)
    found = by_growth([key, once], [key, replace(once, count=16)], accepted={})
    (hint,) = [one for one in found if one.kind == "hint"]
    assert hint.source == "api.py:82 in books"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ('SELECT "book"."id" FROM "book" WHERE "book"."shelf_id" = ?', "select_related or prefetch_related"),
        ('SELECT COUNT(*) AS "__count" FROM "book" WHERE "book"."shelf_id" = ?', "annotate the outer rows"),
        ('SELECT ? AS "a" FROM "book" WHERE "book"."shelf_id" = ? LIMIT ?', "annotate the outer rows, with Exists"),
        ('INSERT INTO "book" ("title") VALUES (?)', "bulk_create"),
        ('UPDATE "book" SET "title" = ? WHERE "book"."id" = ?', "bulk_update, or one update of all"),
        ('DELETE FROM "book" WHERE "book"."id" IN (…)', "one delete of all"),
    ],
)
def test_how_to_mend_it_is_told_by_what_is_done(text: str, how: str) -> None:
    """Rows that are counted are not prefetched, and rows that are written are not read."""
    shelves = Evidence(kind="statement", text="SELECT shelf", table="shelf", source="views.py:3 in shown")
    once = Evidence(kind="statement", text=text, source="views.py:4 in shown", frames=("views.py:3 in shown",))
    found = by_growth([shelves, once], [shelves, replace(once, count=16)], accepted={})
    (hint,) = [one for one in found if one.kind == "hint"]
    assert hint.text.partition(ONE_BY_ONE)[2].removesuffix(WITH_OUTER_ROWS) == how
    assert hint.source == ("views.py:3 in shown" if text.startswith("SELECT") else "views.py:4 in shown")


def test_rows_that_share_no_caller_are_not_the_outer_ones() -> None:
    """A menu that each page reads is not where the rows of a deletion are prefetched."""
    menu = Evidence(kind="statement", text="SELECT menu", table="menu", source="menus.py:2 in menu")
    once = Evidence(
        kind="statement", text="SELECT x", table="x", source="models.py:4 in __str__", frames=("views.py:9",)
    )
    found = by_growth([menu, once], [menu, replace(once, count=16)], accepted={})
    (hint,) = [one for one in found if one.kind == "hint"]
    assert (hint.source, hint.frames) == ("models.py:4 in __str__", ())
