"""Conditions and limits that a statement lost: told from its text, whatever the rows show."""

import pytest

from reglab.project.statement_clauses import clauses_of, lost_clauses, reads_by_key

LISTED = 'SELECT "o"."id" FROM "o" WHERE NOT "o"."hidden" AND "o"."owner_id" = ? ORDER BY "o"."id" LIMIT ?'
LOCKED = 'SELECT "o"."id" FROM "o" WHERE "o"."id" = ? FOR NO KEY UPDATE'
JOINED = 'SELECT "o"."id" FROM "o" INNER JOIN "c" ON ("o"."c_id" = "c"."id") WHERE "c"."tenant" = ? AND "o"."id" = ?'
COUNTED = 'SELECT COUNT(*) FROM (SELECT "o"."id" AS "col1" FROM "o" WHERE NOT "o"."hidden" LIMIT ?) subquery'


def lost(old: str, new: str) -> tuple[str, ...]:
    """Return what the new statement does not ask for."""
    before, after = clauses_of(old), clauses_of(new)
    assert before
    assert after
    return lost_clauses(before, after)


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        (LISTED, LISTED.replace(' AND "o"."owner_id" = ?', ""), ("o.owner_id = ?",)),
        (LISTED, LISTED.replace('NOT "o"."hidden" AND ', ""), ("NOT o.hidden",)),
        (LISTED, LISTED.replace(" LIMIT ?", ""), ("LIMIT",)),
        (LISTED, 'SELECT "o"."id" FROM "o"', ("NOT o.hidden", "o.owner_id = ?")),
        (LISTED.replace("= ?", "IN (…)"), LISTED.replace(' AND "o"."owner_id" = ?', ""), ("o.owner_id IN (…)",)),
        (JOINED, 'SELECT "o"."id", "o"."name" FROM "o" WHERE "o"."id" = ?', ("c.tenant = ?",)),
        (COUNTED, 'SELECT COUNT(*) AS "__count" FROM "o" WHERE NOT "o"."hidden"', ("LIMIT",)),
        (
            'DELETE FROM "o" WHERE "o"."id" IN (?) AND "o"."c_id" = ?',
            'DELETE FROM "o" WHERE "o"."id" IN (?)',
            ("o.c_id = ?",),
        ),
        (
            'UPDATE "o" SET "a" = ? WHERE "o"."id" = ? AND "o"."status" = ?',
            'UPDATE "o" SET "a" = ? WHERE "o"."id" = ?',
            ("o.status = ?",),
        ),
        (
            LISTED.replace('BY "o"."id"', 'BY "o"."name" DESC, "o"."id"'),
            LISTED.replace('BY "o"."id"', 'BY "o"."name" DESC'),
            ("order by o.id",),
        ),
        (
            'UPDATE "o" SET "n" = ("o"."n" + ?) WHERE "o"."id" = ?',
            'UPDATE "o" SET "n" = ? WHERE "o"."id" = ?',
            ("relative to itself: n",),
        ),
        (
            LOCKED,
            LOCKED.replace("NO KEY ", ""),
            ("a stronger lock: FOR UPDATE, no longer FOR NO KEY UPDATE",),
        ),
        (LOCKED, LOCKED.replace("NO KEY UPDATE", "SHARE"), ("a weaker lock: FOR SHARE, no longer FOR NO KEY UPDATE",)),
        (
            LISTED.replace('"o"."owner_id" = ?', '"o"."code" = ? AND "o"."is_open"'),
            LISTED.replace('"o"."owner_id" = ?', 'UPPER("o"."code") LIKE UPPER(?)'),
            ("o.is_open",),
        ),
        (
            LISTED.replace('"o"."owner_id" = ?', '(("o"."is_open" AND "o"."kind" = ?) OR "o"."owner_id" = ?)'),
            LISTED.replace('"o"."owner_id" = ?', '("o"."kind" = ? OR "o"."owner_id" = ?)'),
            ("within alternatives", "o.is_open"),
        ),
        (LISTED, LISTED.replace("= ?", "> ?"), ("another condition", "o.owner_id = ?", "o.owner_id > ?")),
        (
            'SELECT COUNT("c"."id") FILTER (WHERE NOT "c"."gone") AS "n" FROM "o" JOIN "c" ON ("c"."o" = "o"."id")',
            'SELECT COUNT("c"."id") AS "n" FROM "o" JOIN "c" ON ("c"."o" = "o"."id")',
            ("NOT c.gone",),
        ),
    ],
)
def test_what_is_gone_is_named(old: str, new: str, gone: tuple[str, ...]) -> None:
    """A filter with its join or without, a limit, all of it; in reads and writes, and in a subquery."""
    assert lost(old, new) == gone


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LISTED, LISTED),
        (LISTED, LISTED.replace('"o"."owner_id" = ?', '"o"."owner_id" IN (?)')),
        (LISTED.replace(' AND "o"."owner_id" = ?', ""), LISTED),
        (LISTED, LISTED.replace('ORDER BY "o"."id" ', "")),
        (LISTED, LISTED.replace('NOT "o"."hidden" AND "o"."owner_id" = ?', '"o"."owner_id" = ? AND NOT "o"."hidden"')),
        (LISTED, LISTED.replace('NOT "o"."hidden"', 'NOT "o"."hidden" AND NOT "o"."hidden"')),
        (LISTED, 'SELECT "c"."id" FROM "c"'),
        (JOINED + " LIMIT ?", JOINED),
        (LOCKED.replace("NO KEY ", ""), LOCKED),
        (LISTED, 'DELETE FROM "o"'),
        (LISTED.replace('BY "o"."id"', 'BY "o"."id", "o"."name"'), LISTED),
        (LISTED.replace('BY "o"."id"', 'BY "o"."name", "o"."id"'), LISTED),
        (
            'UPDATE "o" SET "n" = ("o"."n" + ?) WHERE "o"."id" = ?',
            'UPDATE "o" SET "n" = (SELECT COUNT(*) FROM "c") WHERE "o"."id" = ?',
        ),
        ('UPDATE "o" SET "n" = "o"."n" WHERE "o"."id" = ?', 'UPDATE "o" SET "n" = ? WHERE "o"."id" = ?'),
    ],
)
def test_what_asks_for_as_much_has_lost_nothing(old: str, new: str) -> None:
    """The same in another order or twice, one condition for another, more, another table or kind, a row by its key."""
    assert lost(old, new) == ()


def test_what_is_no_statement_of_postgresqls_has_no_clauses() -> None:
    """A dialect, or a text that was cut, is not judged."""
    assert clauses_of("SELECT CASE WHEN") is None
    assert clauses_of("PRAGMA foreign_keys") is None
    assert clauses_of("") is None


@pytest.mark.parametrize(
    ("where", "is_by_key"),
    [
        ('"book"."id" = ? LIMIT ?', True),
        ('"book"."id" = ? ORDER BY "book"."id" ASC LIMIT ? FOR UPDATE', True),
        ('"book"."id" IN (…)', False),
        ('"book"."title" = ? LIMIT ?', False),
        ('"book"."id" = ? OR "book"."title" = ?', False),
    ],
)
def test_a_row_asked_for_by_its_key(where: str, is_by_key: bool) -> None:
    """One row by its key is read by an index as soon as there are many, whatever the planner does with few."""
    assert reads_by_key(f'SELECT "book"."title" FROM "book" WHERE {where}') is is_by_key  # noqa: S608  # no database


def test_a_lock_that_is_gone_is_named() -> None:
    """Rows that were locked to be changed are read as they are; another kind of lock is one, and a new one no loss."""
    read = 'SELECT "book"."title" FROM "book" WHERE "book"."id" = ? LIMIT ?'
    assert lost(f"{read} FOR UPDATE", read) == ("FOR UPDATE",)
    assert lost(f"{read} FOR UPDATE", f"{read} FOR NO KEY UPDATE") == ()
    assert lost(read, f"{read} FOR UPDATE") == ()
