"""A partial index that can be entered is not called missing."""

import pytest
from django.db import connection

from reglab.counters.scans.postgres import PostgresExplainer
from reglab.counters.scans.unserved import Scan

pytestmark = pytest.mark.django_db


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("condition", "is_indexed"), [("NOT is_archived", True), ("is_archived", False), ("status = 'paid'", False)]
)
def test_a_partial_index_can_be_entered_where_the_one_that_is_walked_holds_the_same_rows(
    condition: str, *, is_indexed: bool
) -> None:
    """The planner walks another index of the same part of the table, for the rows that are there."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX entered ON orders_order (total_cents) WHERE {condition}")
        cursor.execute("CREATE INDEX walked ON orders_order (created_at) WHERE NOT is_archived")
    scan = Scan(table="orders_order", columns=("total_cents",), predicate="(total_cents < 5)", walked_index="walked")
    assert PostgresExplainer(connection)._is_indexed(scan) is is_indexed
