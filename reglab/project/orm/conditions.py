"""Conditions of a query that hold a column to one value, or a joined table to no row."""

from collections.abc import Iterator

from django.db.models.expressions import Col
from django.db.models.lookups import Exact, IsNull
from django.db.models.sql.where import AND, WhereNode


def held_columns(node: WhereNode) -> Iterator[tuple[str, str]]:
    """Give alias and field of each column that is held to one value, where all of the conditions have to be so."""
    for child in _conjuncts(node):
        if isinstance(child, Exact) and isinstance(child.lhs, Col):
            yield child.lhs.alias, child.lhs.target.name


def absent_aliases(node: WhereNode) -> Iterator[str]:
    """Give the alias of each table that has no joined row: a column that is never null there is asked to be so."""
    for child in _conjuncts(node):
        if isinstance(child, IsNull) and child.rhs is True and isinstance(child.lhs, Col) and not child.lhs.target.null:
            yield child.lhs.alias


def _conjuncts(node: WhereNode) -> Iterator[object]:
    if node.connector != AND or node.negated:
        return
    for child in node.children:
        if isinstance(child, WhereNode):
            yield from _conjuncts(child)
        else:
            yield child
