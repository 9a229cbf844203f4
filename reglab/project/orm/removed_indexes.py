"""Indexes that a migration took away: what the planner no longer has, and where that is written."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedIndex:
    """An index that the newest migration about it took away: its columns or its name, and the migration's file."""

    index: str
    path: str


def has_index(table: str, columns: frozenset[str]) -> bool:
    """Tell whether an index of the table's model begins with one of the columns."""
    return any(leading in columns for leading in _leading(table))


@cache
def removed_index(table: str) -> RemovedIndex | None:
    """Return what was taken away last from a table, if no index came later; None where nothing was."""
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)  # noqa: SLF001  # Django's public name for it
    if model is None:
        return None
    label, name = model._meta.app_label, str(model._meta.model_name)  # noqa: SLF001
    indexed: dict[str, bool] = {}
    found: RemovedIndex | None = None
    for migration in _in_order(label):
        for operation in _each(migration.operations):
            if _adds(operation, name):
                # What an index that came later serves is no loss of the one before it.
                found = None
            index = _removed(operation, name, indexed)
            if index and not has_index(table, frozenset({index})):
                found = RemovedIndex(index=index, path=_file_of(migration))
    return found


def _file_of(migration: Migration) -> str:
    path, here = Path(inspect.getfile(type(migration))), Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name


def _leading(table: str) -> Iterator[str]:
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)  # noqa: SLF001
    if model is None:
        return
    options: Any = model._meta  # noqa: SLF001
    yield from (one.column for one in options.concrete_fields if _is_indexed(one))
    sets = [each.fields for each in (*options.indexes, *options.constraints) if getattr(each, "fields", ())]
    for fields in (*sets, *options.unique_together):
        try:
            yield str(options.get_field(fields[0].lstrip("-")).column)
        except FieldDoesNotExist:
            continue


def _is_indexed(field: Any) -> bool:
    return bool(field.db_index or field.unique)


def _in_order(label: str) -> Iterator[Migration]:
    """Yield an app's migrations from the first to the last."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    seen: set[tuple[str, str]] = set()
    for leaf in graph.leaf_nodes(label):
        for key in graph.forwards_plan(leaf):
            migration = graph.nodes[key]
            if key not in seen and key[0] == label and migration is not None:
                seen.add(key)
                yield migration


def _each(operations: Any) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _each(operation.database_operations)


def _adds(operation: Operation, model: str) -> bool:
    """Tell whether an operation gives the model an index."""
    if getattr(operation, "model_name", "").lower() != model:
        return False
    if isinstance(operation, migrations.AddField | migrations.AlterField):
        return _is_indexed(operation.field)
    return isinstance(operation, migrations.AddIndex | migrations.AddConstraint)


def _removed(operation: Operation, model: str, indexed: dict[str, bool]) -> str:
    """Return the index of the model that an operation takes away: its column, or its name. Keeps what is indexed."""
    if isinstance(operation, migrations.CreateModel) and operation.name.lower() == model:
        indexed.update(
            (name, _is_indexed(field)) for name, field in operation.fields if isinstance(field, models.Field)
        )
    elif getattr(operation, "model_name", "").lower() != model:
        return ""
    elif isinstance(operation, migrations.AddField | migrations.AlterField):
        was, indexed[operation.name] = indexed.get(operation.name, False), _is_indexed(operation.field)
        return operation.name if was and not indexed[operation.name] else ""
    elif isinstance(operation, migrations.RenameField):
        indexed[operation.new_name] = indexed.pop(operation.old_name, False)
    elif isinstance(operation, migrations.RemoveIndex | migrations.RemoveConstraint):
        return operation.name
    return ""
