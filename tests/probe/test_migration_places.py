"""Migrations: the line of the operation that is to blame, and what operations say of columns and indexes."""

from pathlib import Path
from types import ModuleType

import pytest
from django.db import migrations, models
from django.db.migrations.migration import Migration

from reglab.migrations_audit.audit import Examined, _swapped
from reglab.migrations_audit.operations import builds_concurrently
from reglab.migrations_audit.places import place_about, place_of
from reglab.migrations_audit.rows import Swap, Table

SOURCE = """from django.db import migrations, models


def purge(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = []

    operations = [
        migrations.RemoveField("order", "status"),
        migrations.AddField("order", "state", models.CharField(max_length=9)),
        migrations.AddIndex("orderitem", models.Index(fields=["sku"], name="item_sku")),
    ]
"""


@pytest.fixture
def migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    """A migration of the orders in a file of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "0006_changed.py"
    path.write_text(SOURCE, encoding="utf-8")
    module = ModuleType("changed_0006")
    module.__file__ = str(path)
    exec(compile(SOURCE, str(path), "exec"), vars(module))  # noqa: S102  # a module, as an import makes it
    monkeypatch.setitem(__import__("sys").modules, "changed_0006", module)
    module.Migration.__module__ = "changed_0006"
    made: Migration = module.Migration("0006_changed", "orders")
    return made


def test_an_operation_has_its_line(migration: Migration) -> None:
    """By its number, by a column, by a table; without any of these the class is named."""
    assert place_of(migration, 1) == "0006_changed.py:13 in Migration"
    assert place_about([migration], name="status") == "0006_changed.py:12 in Migration"
    assert place_about([migration], table="orders_orderitem") == "0006_changed.py:14 in Migration"
    assert place_about([migration], table="nowhere") == "0006_changed.py:8 in Migration"
    assert place_of(migration) == "0006_changed.py:8 in Migration"


def test_a_new_name_without_the_values_is_told(migration: Migration) -> None:
    """A field that is removed beside one that is added loses its values; a data migration may have written them."""
    before: dict[str, Table] = {
        "orders_order": {("1",): {"id": "1", "status": "paid"}, ("2",): {"id": "2", "status": ""}}
    }
    lost = list(_swapped(Examined(migrations=(migration,)), before))
    assert lost == [Swap(table="orders_order", old="status", new="state", rows=1)]
    copied = Migration("0006_copied", "orders")
    vars(copied)["operations"] = [*migration.operations, migrations.RunPython(migrations.RunPython.noop)]
    assert not list(_swapped(Examined(migrations=(copied,)), before))
    other = Migration("0006_other", "orders")
    vars(other)["operations"] = [*migration.operations[:1], migrations.AddField("order", "weight", models.FloatField())]
    # Of another kind it is no new name: the values go, and that is a note.
    assert [each.new for each in _swapped(Examined(migrations=(other,)), before)] == [""]
    empty: dict[str, Table] = {"orders_order": {("1",): {"id": "1", "status": ""}}}
    assert not list(_swapped(Examined(migrations=(migration,)), empty))


def test_a_project_that_builds_indexes_beside_its_writers_is_known(migration: Migration, tmp_path: Path) -> None:
    """By Django's own operation or by a statement; the plain form says nothing."""
    assert builds_concurrently([migration]) is None
    path = tmp_path / "0006_changed.py"
    for said in ("AddIndexConcurrently(", 'execute("CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)")'):
        path.write_text(f"{SOURCE}\n# {said}\n", encoding="utf-8")
        assert builds_concurrently([migration]) is migration
