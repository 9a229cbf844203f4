"""A column that is new is written by whoever saves a whole row, and breaks no promise by that alone."""

import pytest

from reglab.counters.engine.write_sets import Breach
from reglab.work.recording.record import _is_of_new_columns

SELECT = 'SELECT "shop_tariff"."id", "shop_tariff"."price" FROM "shop_tariff" WHERE "shop_tariff"."id" = ?'
UPDATE = 'UPDATE "shop_tariff" SET "price" = ? WHERE "shop_tariff"."id" = ?'


@pytest.mark.parametrize(
    ("columns", "accepted", "is_new"),
    [
        ("remark", [SELECT, UPDATE], True),
        ("price", [SELECT, UPDATE], False),
        ("remark, price", [SELECT, UPDATE], False),
        ("remark", ['SELECT "shop_drug"."id" FROM "shop_drug"'], False),
        ("remark", [], False),
    ],
    ids=["new", "known", "one of both", "of another table", "nothing accepted"],
)
def test_a_column_is_new_where_accepted_statements_know_the_table_without_it(
    columns: str, accepted: list[str], is_new: bool
) -> None:
    """Where nothing that was accepted tells of the table, nothing is said of its columns."""
    breach = Breach(
        metric="writes_outside_contract", table="shop_tariff", verb="update", rows=1, evidence=(), columns=columns
    )
    assert _is_of_new_columns(breach, accepted) is is_new
