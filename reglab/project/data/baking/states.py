"""States of rows: which choice a row has, and how much there is of what is given away."""

from typing import Any, Final

from django.db import models

# The model's own default is to stand.
LEAVE: Final = object()
_SHOWN_CHOICES: Final = frozenset(
    {"published", "public", "active", "live", "open", "approved", "confirmed", "paid", "visible", "enabled"}
)
_STOCKED: Final = frozenset(
    {"quantity", "stock", "available", "capacity", "seats", "places", "remaining", "balance", "credit", "credits"}
    # What is owed, so that somebody may pay it.
    | {"total", "price", "cost", "due"}
)
_STOCK: Final = 10


def state_of(field: Any, number: int) -> Any:
    """Return the choice of a row, or its stock; LEAVE where it has the default, or there is nothing to choose."""
    return _STOCK + number if _is_stock(field) else _choice(field, number)


def _choice(field: Any, number: int) -> Any:
    """Return the choice of a row: each in turn, or, where there is a default, that one in every other row.

    Of the rows between, half have the one that lists show, for the default may be a draft, which lists hide. The others
    have the rest in turn: what is shipped, approved or reopened is in another state before.
    """
    choices = [key for key, _ in field.flatchoices if key not in (None, "")]
    if not choices or not field.has_default():
        return choices[number % len(choices)] if choices else LEAVE
    if number % 2 == 0:
        return LEAVE
    shown = next((key for key in choices if str(key).lower() in _SHOWN_CHOICES), LEAVE)
    rest = [key for key in choices if key not in (shown, field.get_default())]
    if shown is not LEAVE and (number % 4 == 1 or not rest):
        return shown
    return rest[number // (2 if shown is LEAVE else 4) % len(rest)] if rest else LEAVE


def _is_stock(field: Any) -> bool:
    """Tell whether a field says how much there is to give away, and nothing by its default."""
    is_number = isinstance(field, models.IntegerField | models.DecimalField) and not field.choices
    words = set(field.name.lower().split("_"))
    return is_number and field.has_default() and field.default == 0 and bool(words & _STOCKED)
