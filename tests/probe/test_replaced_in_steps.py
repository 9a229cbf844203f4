"""Changes in steps: a constraint or an index that a later migration of the same change puts back is not lost."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor

from reglab.migrations_audit.applied import Applied, applied

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

DROPS = """
    ALTER TABLE orders_orderitem DROP CONSTRAINT item_quantity_in_range;
    DROP INDEX order_listed_status;
"""
PUTS_BACK = """
    ALTER TABLE orders_orderitem ADD CONSTRAINT quantities CHECK (quantity BETWEEN 1 AND 20000);
    CREATE INDEX by_status ON orders_order (status, id);
"""


def _migration(name: str, sql: str) -> migrations.Migration:
    kind = type("Migration", (migrations.Migration,), {"operations": [migrations.RunSQL(sql)]})
    made: migrations.Migration = kind(name, "orders")
    return made


@pytest.fixture
def run() -> Iterator[mock.Mock]:
    """The plan of the executor, which a test sets: each of its migrations is applied."""
    with mock.patch.object(MigrationExecutor, "migration_plan") as plan:
        yield plan


def _applied(plan: mock.Mock, *texts: str) -> list[Applied]:
    found = tuple(_migration(f"{number:04}", text) for number, text in enumerate(texts, start=9001))
    plan.return_value = [(one, False) for one in found]
    return applied(connection, found)


def test_what_is_dropped_for_good_is_told_of_the_migration_that_drops_it(run: mock.Mock) -> None:
    """The constraint and the index, of the second of two."""
    first, second = _applied(run, "SELECT 1", DROPS)
    assert not first.lost_constraints
    assert [one.constraint.name for one in second.lost_constraints] == ["item_quantity_in_range"]
    assert [one.name for one in second.dropped_indexes] == ["order_listed_status"]


def test_what_comes_back_in_a_later_migration_is_not_lost(run: mock.Mock) -> None:
    """Two steps are how such a change is made beside running code."""
    for one in _applied(run, DROPS, PUTS_BACK):
        assert (one.lost_constraints, one.dropped_indexes) == ((), ())
