"""Operations of migrations: the tables and columns that they take away, alter or name."""

import inspect
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from django.apps import apps
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Kind = TypeVar("Kind", bound=Operation)
_CONCURRENTLY: Final = re.compile("AddIndexConcurrently|INDEX CONCURRENTLY")


def declared(new: Sequence[Migration], *, altered: bool = True) -> frozenset[str]:
    """Return the tables and columns that the operations themselves take away or rename, and those that they alter."""
    names: set[str] = set()
    for migration in new:
        for operation in each_of(migration.operations):
            if not altered and isinstance(operation, migrations.AlterField):
                continue
            names.update(_names(operation, migration.app_label))
    return frozenset(names)


def operations_of(new: Sequence[Migration], kind: type[Kind]) -> Iterator[tuple[str, Kind]]:
    """Yield the operations of one kind, each with the app of its migration."""
    for migration in new:
        yield from ((migration.app_label, each) for each in each_of(migration.operations) if isinstance(each, kind))


def state_before(new: Sequence[Migration]) -> ProjectState:
    """Return the models as the migrations that were there left them."""
    known = {(one.app_label, one.name) for one in new}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return loader.project_state(
        [key for key, one in loader.graph.nodes.items() if one is not None and key not in known]
    )


def works_on_rows(new: Sequence[Migration]) -> bool:
    """Tell whether anything may be done to rows: what stood in one column may have been written to another."""
    kinds = (migrations.RunPython, migrations.RunSQL)
    return any(isinstance(operation, kinds) for one in new for operation in each_of(one.operations))


def each_of(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Yield operations with those inside of them."""
    for operation in operations:
        yield operation
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from each_of(operation.database_operations)


def table_of(app: str, model: str) -> str:
    """Return a model's table; by Django's own pattern where the model is no longer there."""
    with suppress(LookupError):
        return str(apps.get_model(app, model)._meta.db_table)  # noqa: SLF001  # Django's public name for it
    return f"{app}_{model.lower()}"


def tables_named(operation: Operation, app: str) -> frozenset[str]:
    """Return the tables that an operation names."""
    models = (getattr(operation, name, "") for name in ("model_name", "old_name", "new_name", "name"))
    return frozenset(table_of(app, str(model)) for model in models if model)


def builds_concurrently(done: Sequence[Migration]) -> Migration | None:
    """Return a migration that builds an index beside its writers: the project knows that its tables are large.

    It says so in its file: by an operation of Django's, a statement, or in a function of its own.
    """
    return next((one for one in done if _CONCURRENTLY.search(_source(one))), None)


def _source(migration: Migration) -> str:
    with suppress(OSError, TypeError, UnicodeDecodeError):
        return Path(inspect.getfile(type(migration))).read_text(encoding="utf-8")
    return ""


def _names(operation: Operation, app: str) -> Iterator[str]:
    if isinstance(operation, migrations.DeleteModel):
        yield table_of(app, operation.name)
    elif isinstance(operation, migrations.RenameModel):
        yield from (table_of(app, operation.old_name), f"{app}_{operation.old_name.lower()}")
    elif isinstance(operation, migrations.AlterModelTable):
        yield table_of(app, operation.name)
    elif isinstance(operation, migrations.RemoveField | migrations.AlterField):
        yield f"{table_of(app, operation.model_name)}.{operation.name}"
    elif isinstance(operation, migrations.RenameField):
        yield f"{table_of(app, operation.model_name)}.{operation.old_name}"
