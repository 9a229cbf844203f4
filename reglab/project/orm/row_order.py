"""Order of a queryset's rows: whether it tells any two of them apart, so that a part of them is always the same."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, UniqueConstraint
from django.db.models.expressions import Col, OrderBy
from django.db.models.query import MAX_GET_RESULTS
from django.db.models.sql import Query

from reglab.project.orm.conditions import held_columns

_RANDOM: Final = "?"


def unstable_order(query: Query) -> str:
    """Name the order that a part of the rows is cut out by where it leaves ties, as "table: field, field".

    An empty text where it is unique; "table: no order" where there is none at all. What cannot be known (unions, raw
    orders) is taken for unique.
    """
    # First, because it is so of most: each statement is asked.
    if not query.is_sliced:
        return ""
    ordering, table = _ordering(query), query.get_meta().db_table
    if query.combinator or query.distinct or query.extra_order_by or _RANDOM in ordering:
        return ""
    if not ordering:
        # `get()` reads one more than it allows, and minds no order.
        is_get = query.high_mark == MAX_GET_RESULTS and not query.low_mark
        # Rows with something counted beside them (`group_by` is True) are rows; other groups are what they are grouped
        # by.
        is_of_groups = query.group_by not in (None, True)
        return "" if is_get or query.high_mark == 1 or is_of_groups else f"{table}: no order"
    names = [_name(one) for one in ordering]
    if _is_unique(query, {name for name in names if name}):
        return ""
    return f"{table}: {', '.join(name or '…' for name in names)}"


def unordered_lock(query: Query) -> str:
    """Name the order in which several rows are locked where it leaves ties, as "table: no order"; else an empty text.

    Two transactions that lock the same rows, each in an order of its own, wait for one another. Who skips a row that is
    locked, or waits for none, does not.
    """
    if not query.select_for_update or query.select_for_update_nowait or query.select_for_update_skip_locked:
        return ""
    if query.combinator or query.extra_order_by or query.high_mark == 1 or _is_unique(query, set()):
        return ""
    table = query.get_meta().db_table
    names = [_name(one) for one in _ordering(query)]
    if names and _is_unique(query, {name for name in names if name}):
        return ""
    return f"{table}: {', '.join(name or '…' for name in names) or 'no order'}"


def tells_apart(table: str, columns: set[str]) -> bool:
    """Tell whether no two rows of a model's table are equal in all of these columns."""
    for model in (one for one in apps.get_models() if one._meta.db_table == table):  # noqa: SLF001  # public in Django
        options: Any = model._meta  # noqa: SLF001
        names = {one.name for one in options.concrete_fields if one.column in columns}
        fields = (options.get_field(name) for name in names)
        if any(one.primary_key or (one.unique and not one.null) for one in fields):
            return True
        return any(unique and set(unique) <= names for unique in _unique_together(options))
    return False


def _ordering(query: Query) -> tuple[Any, ...]:
    if query.extra_order_by:
        return tuple(query.extra_order_by)
    # Where rows are grouped, and be it by themselves, Django leaves the model's own order out.
    has_own = query.default_ordering and query.group_by is None
    return tuple(query.order_by) or (tuple(query.get_meta().ordering or ()) if has_own else ())


def _name(one: Any) -> str:
    """Return the field that an item of an order names; an empty text for an expression."""
    if isinstance(one, OrderBy):
        one = one.expression
    # Where it is no expression, it is a name: an F has one.
    one = getattr(one, "name", "") if isinstance(one, F) else one
    return str(one).lstrip("-+") if isinstance(one, str) else ""


def _is_unique(query: Query, names: set[str]) -> bool:
    options = query.get_meta()
    if query.group_by is not None:
        # One row a group: some of what it is grouped by is enough to say nothing.
        grouped = {column.target.name for column in _columns(query.group_by)}
        grouped |= {column.target.attname for column in _columns(query.group_by)}
        return bool(grouped & names) or query.group_by is True
    # Of the model's own rows: a related one may have a unique field of the same name.
    fixed = {name for alias, name in held_columns(query.where) if alias == query.base_table}
    fields = {field for name in (*names, *fixed) if (field := _field(options, name)) is not None}
    known = {field.name for field in fields} | fixed
    if any(field.primary_key or (field.unique and not field.null) for field in fields):
        return True
    return any(unique and set(unique) <= known for unique in _unique_together(options))


def _columns(group_by: Any) -> Iterator[Any]:
    return (one for one in (group_by if isinstance(group_by, (list, tuple)) else ()) if isinstance(one, Col))


def _field(options: Any, name: str) -> Any:
    """Return the model's own field of that name; None for one of a related model, which many rows share."""
    if name == "pk":
        return options.pk
    try:
        field = options.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        try:
            field = options.get_field(name)
        except FieldDoesNotExist:
            return None
    return field if getattr(field, "concrete", False) else None


def _unique_together(options: Any) -> Iterator[tuple[str, ...]]:
    yield from options.unique_together
    for constraint in options.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            # Rows that are equal in a field are so in what is made of it.
            yield (*constraint.fields, *_fields_in(constraint.expressions))


def _fields_in(expressions: Iterable[Any]) -> Iterator[str]:
    return (_name(part) for one in expressions for part in one.flatten() if isinstance(part, F))
