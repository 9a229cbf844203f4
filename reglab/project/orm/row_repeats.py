"""Joins of a queryset that can give one row several times: to many others, and nothing puts them together again."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import Count, ManyToManyField, Sum, UniqueConstraint
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import WhereNode

from reglab.project.orm.conditions import absent_aliases, held_columns


def repeating_join(query: Query, *, is_ordered: bool = True) -> str:
    """Name the join by which a row can come several times, as "table × table"; an empty text where none does so.

    What is put together (distinct, groups) does not repeat, but what is added up beside a second such join does. What
    is shown of the joined rows (annotations), or held to one row by a unique field, does not repeat. Values without
    their row may be meant for a set. What cannot be known (unions, raw columns) is taken for right. `is_ordered`: the
    statement has the query's order, as one that counts has not.
    """
    # First, because it is so of most: each statement is asked.
    joins = [join for join in query.alias_map.values() if _is_to_many(query, join)]
    by_order = _table_of_order(query) if is_ordered and not joins else ""
    if joins and query.group_by is not None and not query.combinator:
        return _multiplied(query, joins)
    if not (joins or by_order) or query.distinct or query.group_by is not None or query.combinator or query.extra:
        return ""
    if not query.default_cols or (query.high_mark is not None and query.high_mark - query.low_mark == 1):
        return ""
    shown = _shown(query)
    single = _Singles(query)
    for join in joins:
        if not (_behind(query, str(join.table_alias)) & shown or single.has_one_row(join)):
            return f"{query.get_meta().db_table} × {join.table_name}"
    return f"{query.get_meta().db_table} × {by_order}" if by_order else ""


def _multiplied(query: Query, joins: Sequence[Any]) -> str:
    """Name the join beside that of what is summed up or counted: each of its rows takes the others once more.

    Django's documentation warns of it, where aggregations are combined. What is distinct is counted once; to count the
    rows themselves is to count what is joined.
    """
    single = _Singles(query)
    for annotation in query.annotations.values():
        if not isinstance(annotation, Sum | Count) or getattr(annotation, "distinct", False):
            continue
        columns = [one for one in annotation.get_source_expressions()[0].flatten() if isinstance(one, Col)]
        added = {column.alias for column in columns} - ({query.base_table} if isinstance(annotation, Count) else set())
        for join in joins if added else ():
            if not added & _behind(query, str(join.table_alias)) and not single.has_one_row(join):
                return f"{query.alias_map[min(added)].table_name} × {join.table_name}"
    return ""


def _table_of_order(query: Query) -> str:
    """Return the table of many rows that an order is taken from: its join is made with the statement, and not kept."""
    for name in query.order_by:
        names = name.lstrip("-+").split(LOOKUP_SEP) if isinstance(name, str) else []
        if names and names[0] not in query.annotations:
            with suppress(FieldError):
                path = query.names_to_path(names, query.get_meta())[0]
                many = next((step for step in path if step.m2m), None)
                if many is not None:
                    return str(many.to_opts.db_table)
    return ""


def _is_to_many(query: Query, join: BaseTable | Join) -> bool:
    field = getattr(join, "join_field", None)
    is_used = query.alias_refcount.get(str(join.table_alias), 0) > 0
    return is_used and isinstance(field, ForeignObjectRel) and bool(field.multiple)


def _shown(query: Query) -> set[str]:
    """Return the aliases of tables whose columns are part of each row."""
    found = {
        column.alias
        for expression in query.annotation_select.values()
        if hasattr(expression, "flatten")
        for column in expression.flatten()
        if isinstance(column, Col)
    }
    return found - {query.base_table}


def _behind(query: Query, alias: str) -> set[str]:
    """Return the alias and those that are joined from it."""
    found = {alias}
    for name, join in query.alias_map.items():
        if getattr(join, "parent_alias", None) in found:
            found.add(name)
    return found


class _Singles:
    """Tells joined tables of which the conditions leave one row, by a unique field held to one value, or no row."""

    def __init__(self, query: Query) -> None:
        self._fixed: dict[str, set[str]] = {}
        self._absent = frozenset(absent_aliases(query.where))
        filtered = [getattr(join, "filtered_relation", None) for join in query.alias_map.values()]
        conditions = [query.where, *(getattr(one, "resolved_condition", None) for one in filtered)]
        for alias, name in (pair for node in conditions if isinstance(node, WhereNode) for pair in held_columns(node)):
            self._fixed.setdefault(alias, set()).add(name)
        # What one known row refers to is known as well: the last joins first.
        for join in reversed(list(query.alias_map.values())):
            field = getattr(join, "join_field", None)
            if (
                field is not None
                and not isinstance(field, ForeignObjectRel)
                and self._is_unique(join, field.related_model)
            ):
                self._fixed.setdefault(str(join.parent_alias), set()).add(field.name)

    def has_one_row(self, join: Any) -> bool:
        """Tell whether each row has one of the joined ones at the most."""
        if join.table_alias in self._absent:
            return True
        relation = join.join_field
        if generic := getattr(relation.field, "object_id_field_name", ""):
            return self._is_unique(join, relation.model, generic, relation.field.content_type_field_name)
        return self._is_unique(join, relation.related_model, relation.field.name)

    def _is_unique(self, join: Any, model: Any, *held: str) -> bool:
        fixed = self._fixed.get(join.table_alias, set())
        return bool(fixed) and any(set(names) <= fixed | set(held) for names in _unique_sets(model))


def _unique_sets(model: Any) -> Iterator[tuple[str, ...]]:
    options = model._meta  # noqa: SLF001  # Django's public name for it
    yield from ((field.name,) for field in options.concrete_fields if field.primary_key or field.unique)
    yield from options.unique_together
    # Where it has a condition, the query most likely has the same one.
    yield from (tuple(one.fields) for one in options.constraints if isinstance(one, UniqueConstraint) and one.fields)
    yield from _many_to_many(options)


def _many_to_many(options: Any) -> Iterator[tuple[str, ...]]:
    """Give both references of a table that only holds pairs: a pair is meant to be there once."""
    for related in {field.related_model for field in options.concrete_fields if field.related_model}:
        for field in related._meta.local_many_to_many:  # noqa: SLF001
            if isinstance(field, ManyToManyField) and field.remote_field.through is options.model:
                yield (field.m2m_field_name(), field.m2m_reverse_field_name())
