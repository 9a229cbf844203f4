"""Comparisons of two fields that a model's CHECK constraints demand: what is to be larger is made so."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import models
from django.db.models import F, Q

_LARGER: Final = frozenset({"gt", "gte"})
_SMALLER: Final = frozenset({"lt", "lte"})


def kept_in_order(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row with each field that has to be larger than another one just above it."""
    kept = dict(values)
    for larger, smaller in _compared(model):
        high, low = (_value(model, kept, name) for name in (larger, smaller))
        if high is not None and low is not None and not _is_above(high, low):
            kept[larger] = _above(low)
    return kept


def _compared(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    for constraint in model._meta.constraints:  # noqa: SLF001  # Django's public name for it
        if isinstance(constraint, models.CheckConstraint):
            # Django 5.1 calls `condition` what was `check` before.
            yield from _pairs(getattr(constraint, "condition", None) or getattr(constraint, "check", None))


def _pairs(condition: Any) -> Iterator[tuple[str, str]]:
    """Yield the larger and the smaller field of each comparison within a condition."""
    if not isinstance(condition, Q) or condition.negated:
        return
    for child in condition.children:
        if isinstance(child, Q):
            yield from _pairs(child)
        elif isinstance(child, tuple) and isinstance(child[1], F):
            name, _, lookup = child[0].rpartition("__")
            if lookup in _LARGER:
                yield name, _name_of(child[1])
            elif lookup in _SMALLER:
                yield _name_of(child[1]), name


def _name_of(column: Any) -> str:
    return str(column.name)


def _value(model: type[models.Model], values: dict[str, Any], name: str) -> Any:
    if name in values:
        return values[name]
    field = next((one for one in model._meta.concrete_fields if one.name == name), None)  # noqa: SLF001
    return field.get_default() if field is not None and field.has_default() else None


def _is_above(high: Any, low: Any) -> bool:
    try:
        return bool(high > low)
    except TypeError:
        return True


def _above(low: Any) -> Any:
    """Return the next value of its kind: a day later, or one more."""
    if isinstance(low, date):
        return low + timedelta(days=1)
    if isinstance(low, timedelta):
        return low * 2
    if isinstance(low, time):
        return low.replace(hour=min(low.hour + 1, 23), minute=59)
    return low + 1 if isinstance(low, int | float | Decimal) else low
