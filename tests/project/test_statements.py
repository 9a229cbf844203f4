"""Shapes: what a fingerprint keeps, what it drops, and what is read from a statement beside it."""

import pytest

from reglab.project.statements import shape_of

EQUAL = {
    "a value": ("SELECT a FROM t WHERE x = %s", "SELECT a FROM t WHERE x = 7"),
    "the length of a list": ("SELECT a FROM t WHERE id IN (%s, %s)", "SELECT a FROM t WHERE id IN (%s, %s, %s)"),
    "the number of inserted rows": (
        "INSERT INTO t (a, b) VALUES (%s, %s)",
        "INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)",
    ),
    "white space": ("SELECT a FROM t", "SELECT  a\n FROM t"),
    "a value in SQLite's dialect": (
        "INSERT OR IGNORE INTO t (a) VALUES (%s)",
        "INSERT OR IGNORE INTO t (a) VALUES (9)",
    ),
    "a list in SQLite's dialect": (
        "SELECT a FROM t WHERE a REGEXP ? AND id IN (?, ?)",
        "SELECT a FROM t WHERE a REGEXP ? AND id IN (?, ?, ?)",
    ),
    "the number of cases": (
        "UPDATE t SET a = (CASE WHEN (t.id = %s) THEN %s END) WHERE t.id IN (%s)",
        "UPDATE t SET a = (CASE WHEN (t.id = %s) THEN %s WHEN (t.id = %s) THEN %s END) WHERE t.id IN (%s, %s)",
    ),
    "a savepoint's name": ('SAVEPOINT "s1_x1"', 'SAVEPOINT "s2_x9"'),
}
DIFFERENT = {
    "a column": ("SELECT a, b FROM t", "SELECT a FROM t"),
    "a predicate": ("SELECT a FROM t WHERE x = %s", "SELECT a FROM t WHERE y = %s"),
    "a lost predicate": ("UPDATE t SET a = %s WHERE b = %s", "UPDATE t SET a = %s"),
    "an operator": ("SELECT a FROM t WHERE x > %s", "SELECT a FROM t WHERE x = %s"),
    "a function": ("SELECT a FROM t WHERE LOWER(x) = %s", "SELECT a FROM t WHERE x = %s"),
    "an updated column": ("UPDATE t SET a = %s, b = %s WHERE id = %s", "UPDATE t SET a = %s WHERE id = %s"),
    "the direction": ("SELECT a FROM t ORDER BY b", "SELECT a FROM t ORDER BY b DESC"),
    "a limit": ("SELECT a FROM t LIMIT 5", "SELECT a FROM t"),
    "a column in SQLite's dialect": (
        "INSERT OR IGNORE INTO t (a) VALUES (?)",
        "INSERT OR IGNORE INTO t (b) VALUES (?)",
    ),
}


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_values_do_not_make_a_fingerprint(one: str, other: str) -> None:
    """Statements that differ in values, list lengths or layout alone share a fingerprint."""
    assert shape_of(one).fingerprint == shape_of(other).fingerprint


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_columns_and_predicates_make_a_fingerprint(one: str, other: str) -> None:
    """A changed column, predicate, operator, order or limit is another fingerprint."""
    assert shape_of(one).fingerprint != shape_of(other).fingerprint


@pytest.mark.parametrize(
    ("sql", "verb", "tables"),
    [
        (
            'SELECT "t"."a" FROM "t" INNER JOIN "s" ON ("t"."s_id" = "s"."id") WHERE "s"."b" LIKE %s',
            "SELECT",
            ("s", "t"),
        ),
        ("INSERT INTO t (a) SELECT b FROM s RETURNING id", "INSERT", ("s", "t")),
        ("UPDATE t SET a = %(a)s", "UPDATE", ("t",)),
        ("DELETE FROM t", "DELETE", ("t",)),
        ("WITH x AS (SELECT a FROM s) SELECT * FROM x JOIN t ON true", "SELECT", ("s", "t")),
        ("INSERT OR REPLACE INTO `t` (a) VALUES (?)", "INSERT", ("t",)),
        ("SELECT a FROM t WHERE a REGEXP ?", "SELECT", ("t",)),
        ("PRAGMA foreign_key_check", "PRAGMA", ()),
        ("COPY t (a) FROM STDIN", "COPY", ("t",)),
        ("TRUNCATE t, s", "TRUNCATE", ("s", "t")),
    ],
)
def test_verb_and_tables_are_read(sql: str, verb: str, tables: tuple[str, ...]) -> None:
    """A statement's verb and the tables it names are known, whichever dialect it is in."""
    shape = shape_of(sql)
    assert (shape.verb, shape.tables) == (verb, tables)


def test_writes_inside_a_with_clause_are_found() -> None:
    """A SELECT that hides a DELETE in its WITH clause is known to write."""
    assert shape_of("WITH gone AS (DELETE FROM t RETURNING id) SELECT * FROM gone").writes == (("t", "delete"),)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('SAVEPOINT "a"', True),
        ('RELEASE SAVEPOINT "a"', True),
        ("/* x */ ROLLBACK TO SAVEPOINT a", True),
        ("BEGIN IMMEDIATE", True),
        ("SET CONSTRAINTS ALL IMMEDIATE", True),
        ("SET LOCAL work_mem = 1", False),
        ("SELECT 'SAVEPOINT'", False),
        ("LOCK TABLE t", False),
    ],
)
def test_transaction_control_is_told_apart(sql: str, expected: bool) -> None:
    """SAVEPOINT and its kind are transaction control; settings, locks and texts that name it are not."""
    assert shape_of(sql).is_transaction_control is expected


def test_text_shows_the_shape_on_one_line() -> None:
    """The readable form has no values, no numbers on its placeholders, and one entry for a list of any length."""
    shape = shape_of("SELECT a\nFROM t WHERE b = 'secret' AND id IN (%s, %s, %s)")
    assert shape.text == "SELECT a FROM t WHERE b = ? AND id IN (…)"


@pytest.mark.parametrize(("one", "other"), EQUAL.values(), ids=EQUAL)
def test_one_fingerprint_has_one_text(one: str, other: str) -> None:
    """What shares a fingerprint reads the same, so that a reader and a ledger see one statement."""
    assert shape_of(one).text == shape_of(other).text


@pytest.mark.parametrize("sql", ["", ";", "-- nothing", "SELECT '", "\x00", "£$%&"])
def test_anything_has_a_shape(sql: str) -> None:
    """A text that no parser takes still gets a fingerprint instead of an error."""
    assert shape_of(sql).fingerprint
