"""States and moments of rows: which of them are over, still open or late, told by the names of their fields."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from reglab.config.suite import DEFAULT_CLOCK

ENDED: Final = ("delet", "archiv", "remov", "cancel", "clos", "suspend", "disabl", "block", "revok", "reject", "draft")
_LATER: Final = ("end", "stop", "until", "expir", "due", "deadline", "finish", "_to", "valid_to", "next", "last_valid")
# Of every four rows two are in a state of which a date is not known yet; the second of them is late, too.
STATES: Final = 4
OPEN: Final = (1, 2)


def moment_of(name: str, number: int) -> datetime:
    """Return a moment before the audit's clock; one after it for what ends, which is over in every fourth row."""
    away = timedelta(days=-30)
    if is_later(name):
        away = timedelta(days=-7 if number % STATES == OPEN[-1] else 30)
    moment = DEFAULT_CLOCK + away + timedelta(hours=number if number < 500 else number % 500)
    return moment if settings.USE_TZ else timezone.make_naive(moment, UTC)


def moment_of_field(field: Any, number: int) -> datetime:
    """Return the moment of a model's field: a day later for each that is declared before it, unless its name tells.

    A stay is declared with its arrival first, a flight with its departure.
    """
    moment = moment_of(field.name, number)
    if is_later(field.name) or not hasattr(field, "model"):
        return moment
    return moment + timedelta(days=_dates_of(field.model).index(field.name)) if _is_chosen(field) else moment


def _dates_of(model: type[models.Model]) -> list[str]:
    return [one.name for one in model._meta.concrete_fields if _is_chosen(one)]  # noqa: SLF001  # Django's name for it


def _is_chosen(field: Any) -> bool:
    """Tell whether somebody chooses the day: not what the clock, or a default, writes."""
    is_stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False) or field.has_default()
    return isinstance(field, models.DateField) and not is_stamped and not is_later(field.name)


def stamps_of(model: type[models.Model], number: int) -> dict[str, datetime]:
    """Return what the clock would have written into row `number`: a second after the row before, and not after now.

    The audit's clock stands still: rows that tie there, and nowhere else, would change places on a page.
    """
    moment = DEFAULT_CLOCK - timedelta(hours=1) + timedelta(seconds=min(number, 3600))
    moment = moment if settings.USE_TZ else timezone.make_naive(moment, UTC)
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    stamped = (one for one in fields if isinstance(one, models.DateTimeField) and (one.auto_now or one.auto_now_add))
    return {one.name: moment for one in stamped}


def is_later(name: str) -> bool:
    """Tell whether a field's name says that it is when something ends, or comes next."""
    return any(word in f"_{name.lower()}" for word in _LATER)


def is_ending(name: str) -> bool:
    """Tell whether a field's name says that something is over."""
    return any(word in name.lower() for word in (*ENDED, "expir", "finish", "complet"))


def has_not_happened(field: Any, number: int) -> bool:
    """Tell whether a moment that may be null is null in this row: what is returned, read or resolved is not always."""
    # What is open may have its end ahead: the second of the open rows is the late one.
    states = OPEN[:1] if is_later(field.name) else OPEN
    return isinstance(field, models.DateField) and number % STATES in states
