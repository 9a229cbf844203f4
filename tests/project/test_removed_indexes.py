"""An index that a migration took away is named; one that was never there, or is there again, is not."""

import pytest
from django.db import migrations, models

from reglab.project.orm.removed_indexes import _adds, _removed, has_index, removed_index


def _create(*, db_index: bool) -> migrations.CreateModel:
    return migrations.CreateModel("Thing", [("at", models.DateTimeField(db_index=db_index))])


@pytest.mark.parametrize(
    ("operations", "removed"),
    [
        ([_create(db_index=True), migrations.AlterField("thing", "at", models.DateTimeField())], "at"),
        ([_create(db_index=False), migrations.AlterField("thing", "at", models.DateTimeField())], ""),
        ([_create(db_index=True), migrations.AlterField("other", "at", models.DateTimeField())], ""),
        (
            [
                _create(db_index=True),
                migrations.RenameField("thing", "at", "since"),
                migrations.AlterField("thing", "since", models.DateTimeField(null=True)),
            ],
            "since",
        ),
        ([_create(db_index=False), migrations.RemoveIndex("thing", "thing_newest")], "thing_newest"),
    ],
)
def test_what_the_last_operation_takes_away(operations: list[migrations.RunPython], removed: str) -> None:
    """A field that was indexed and is not, under its present name, or an index of a name."""
    indexed: dict[str, bool] = {}
    assert [_removed(each, "thing", indexed) for each in operations][-1] == removed


def test_an_index_is_known_by_the_column_that_it_begins_with() -> None:
    """A foreign key has one of its own; a second column of an index cannot be entered alone."""
    assert has_index("orders_order", frozenset({"customer_id"}))
    assert not has_index("orders_order", frozenset({"total_cents"}))
    assert not has_index("no_such_table", frozenset({"customer_id"}))


def test_a_table_without_a_model_has_lost_nothing() -> None:
    """Django's own book of migrations is such a table."""
    assert removed_index("django_migrations") is None


@pytest.mark.parametrize(
    ("operation", "adds"),
    [
        (migrations.AddIndex("thing", models.Index(fields=["at"], name="thing_at")), True),
        (migrations.AlterField("thing", "at", models.DateTimeField(db_index=True)), True),
        (migrations.AddField("thing", "note", models.TextField()), False),
        (migrations.AddIndex("other", models.Index(fields=["at"], name="other_at")), False),
    ],
)
def test_an_index_that_came_later_is_seen(operation: migrations.RunPython, adds: bool) -> None:
    """What it serves is no loss of the index that went before: that the planner goes another way may be better."""
    assert _adds(operation, "thing") is adds
