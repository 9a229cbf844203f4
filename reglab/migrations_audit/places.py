"""Lines of a migration's file: where its operations stand, and which of them a finding is about."""

import ast
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.db import migrations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation

from reglab.migrations_audit.operations import tables_named

# Anything may be done to rows there.
_OF_ROWS: Final = (migrations.RunPython, migrations.RunSQL)


def place_of(migration: Migration, operation: int | None = None) -> str:
    """Return "file:line in Migration" of an operation by its number, or of the whole; empty without a file."""
    try:
        path = Path(inspect.getfile(type(migration)))
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    lines = _lines(tree)
    line = lines[operation] if operation is not None and operation < len(lines) else _line_of_class(tree)
    here = Path.cwd().resolve()
    shown = path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
    return f"{shown}:{line} in Migration"


def place_about(migrations_: Sequence[Migration], *, table: str = "", name: str = "") -> str:
    """Return the place of the operation that a finding about a table, or a column's `name`, points at.

    It is the first operation that names the column, then one on rows, then one that names the table; the first
    migration where none does.
    """
    operations = [
        (migration, number, each) for migration in migrations_ for number, each in enumerate(migration.operations)
    ]
    for kind in (_names_column, _is_of_rows, _names_table):
        for migration, number, each in operations:
            if kind(each, migration.app_label, table, name):
                return place_of(migration, number)
    return place_of(migrations_[0]) if migrations_ else ""


def _names_column(operation: Operation, _app: str, _table: str, name: str) -> bool:
    return bool(name) and name in {getattr(operation, "name", ""), getattr(operation, "old_name", "")}


def _is_of_rows(operation: Operation, _app: str, _table: str, _name: str) -> bool:
    return isinstance(operation, _OF_ROWS)


def _names_table(operation: Operation, app: str, table: str, _name: str) -> bool:
    return bool(table) and table in tables_named(operation, app)


def _lines(tree: ast.Module) -> list[int]:
    """Return the lines of the operations that the class lists."""
    for node in ast.walk(tree):
        targets: list[Any] = [*getattr(node, "targets", ()), getattr(node, "target", None)]
        named = any(isinstance(each, ast.Name) and each.id == "operations" for each in targets)
        if named and isinstance(value := getattr(node, "value", None), ast.List | ast.Tuple):
            return [each.lineno for each in value.elts]
    return []


def _line_of_class(tree: ast.Module) -> int:
    return next((node.lineno for node in tree.body if isinstance(node, ast.ClassDef)), 1)
