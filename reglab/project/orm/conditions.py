"""Conditions of a query that hold a column to one value."""

from collections.abc import Iterator

from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode


def held_columns(node: WhereNode) -> Iterator[tuple[str, str]]:
    """Give alias and field of each column that is held to one value, where all of the conditions have to be so."""
    if node.connector != AND or node.negated:
        return
    for child in node.children:
        if isinstance(child, WhereNode):
            yield from held_columns(child)
        elif isinstance(child, Exact) and isinstance(child.lhs, Col):
            yield child.lhs.alias, child.lhs.target.name
