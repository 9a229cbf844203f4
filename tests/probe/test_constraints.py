"""Constraints that a migration drops are told; those that others stand in for are not."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from reglab.migrations_audit.constraints import constraints_of, lost_constraints

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

TABLES = """
    CREATE TABLE shelf (id int PRIMARY KEY);
    CREATE TABLE book (
        id int PRIMARY KEY, shelf_id int CONSTRAINT book_shelf REFERENCES shelf, place int, title text, pages int,
        CONSTRAINT book_place UNIQUE (shelf_id, place), CONSTRAINT book_pages CHECK (pages > 0 AND place >= 0)
    );
    ALTER TABLE book ADD CONSTRAINT book_apart EXCLUDE USING gist (int4range(place, pages) WITH &&);
    CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER book_noted BEFORE INSERT OR UPDATE ON book FOR EACH ROW EXECUTE FUNCTION noted();
    CREATE UNIQUE INDEX book_title ON book (lower(title)) WHERE pages > 0;
"""


@pytest.fixture(autouse=True)
def _tables() -> Iterator[None]:
    with transaction.atomic():
        _run(TABLES)
        yield
        transaction.set_rollback(True)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _lost(change: str) -> list[str]:
    before = constraints_of(connection)
    _run(change)
    return sorted(f"{one.constraint.name} ({', '.join(one.columns)})" for one in lost_constraints(before, connection))


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ("ALTER TABLE book DROP CONSTRAINT book_shelf", ["book_shelf (shelf_id)"]),
        ("ALTER TABLE book DROP CONSTRAINT book_pages", ["book_pages (place, pages)"]),
        ("ALTER TABLE book DROP CONSTRAINT book_place", ["book_place (shelf_id, place)"]),
        ("ALTER TABLE book DROP CONSTRAINT book_apart", ["book_apart (place, pages)"]),
        ("DROP TRIGGER book_noted ON book", ["book_noted ()"]),
        (
            "CREATE OR REPLACE TRIGGER book_noted BEFORE INSERT ON book FOR EACH ROW EXECUTE FUNCTION noted()",
            ["book_noted ()"],
        ),
        ("DROP INDEX book_title", ["book_title (title, pages)"]),
        # An index that is not unique keeps no rule.
        (
            "ALTER TABLE book DROP CONSTRAINT book_place; CREATE INDEX book_by_place ON book (shelf_id, place)",
            ["book_place (shelf_id, place)"],
        ),
        # Uniqueness of more columns allows what was refused before.
        (
            "ALTER TABLE book DROP CONSTRAINT book_place, ADD UNIQUE (shelf_id, place, title)",
            ["book_place (shelf_id, place)"],
        ),
    ],
)
def test_a_rule_that_nothing_keeps_any_more_is_told(change: str, lost: list[str]) -> None:
    """References, conditions and uniqueness, as constraints and as indexes, with the columns that they were on."""
    assert _lost(change) == lost


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE book RENAME COLUMN shelf_id TO board_id; ALTER TABLE book RENAME TO volume",
        "ALTER TABLE book RENAME CONSTRAINT book_shelf TO other; ALTER INDEX book_title RENAME TO another",
        "ALTER TABLE book DROP CONSTRAINT book_shelf, ADD FOREIGN KEY (shelf_id) REFERENCES shelf ON DELETE CASCADE",
        "ALTER TABLE book DROP CONSTRAINT book_pages, ADD CHECK (pages > 0), ADD CHECK (place >= -1)",
        "ALTER TABLE book DROP CONSTRAINT book_place; CREATE UNIQUE INDEX narrower ON book (place)",
        "DROP INDEX book_title; CREATE UNIQUE INDEX book_title_upper ON book (upper(title))",
        "ALTER TABLE book DROP COLUMN shelf_id",
        """
            DROP TRIGGER book_noted ON book;
            CREATE TRIGGER one BEFORE INSERT ON book FOR EACH ROW EXECUTE FUNCTION noted();
            CREATE TRIGGER other BEFORE UPDATE OF title ON book FOR EACH ROW EXECUTE FUNCTION noted();
        """,
        "DROP TABLE book",
        "CREATE INDEX more ON book (place); DROP INDEX more",
    ],
)
def test_what_has_another_name_or_another_in_its_place_is_not_lost(change: str) -> None:
    """Renamed, widened, split and stricter rules, and those of columns and tables that are gone themselves."""
    assert _lost(change) == []
