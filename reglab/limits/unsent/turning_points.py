"""States of a row in which a comparison turns: its time is the clock's, or one of its numbers another."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any, Final

from django.db import models
from django.utils import timezone

from reglab.project.orm.kinds import is_bookkeeping

FIELDS_MAX: Final = 4
_YEARS: Final = 20
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)
NUMBERS: Final = (models.IntegerField, models.DecimalField, models.FloatField)

State = tuple[str, Callable[[], object]]
"""What sets a row apart, and what brings it there."""


def turning_states(row: models.Model) -> Iterator[State]:
    """Yield the states of a row in which a comparison turns.

    Its times are the clock's, a second and a day beside it; its days are today, the days beside it, and a birthday; two
    of its numbers are equal.
    """
    for field in own_fields(row, models.DateField)[:FIELDS_MAX]:
        told = near_now if isinstance(field, models.DateTimeField) else near_today
        for words, moment in told():
            yield f"{field.name} = {words}", partial(_set, row, field, moment)
    numbers = [one for kind in NUMBERS for one in own_fields(row, kind)]
    for one, other in combinations(dict.fromkeys(numbers[:FIELDS_MAX]), 2):
        yield f"{one.name} = {other.name}", partial(_set, row, one, partial(getattr, row, other.attname))


def own_fields(row: models.Model, kind: Any) -> list[Any]:
    """Return the fields of a kind that hold something the project was told: no keys, and no times of its own."""
    return [
        field
        for field in row._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
        if isinstance(field, kind)
        and not (field.primary_key or field.unique or field.is_relation or field.choices)
        and not (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
        and not is_bookkeeping(row.__class__, field.name)
    ]


def near_now() -> Iterator[tuple[str, Callable[[], datetime]]]:
    """Yield the clock's time, and those a second and a day beside it, with what each is called."""
    for words, step in (
        ("now", timedelta()),
        ("a second ago", -SECOND),
        ("in a second", SECOND),
        ("a day ago", -DAY),
        ("in a day", DAY),
    ):
        yield words, partial(_from_now, step)


def near_today() -> Iterator[tuple[str, Callable[[], date]]]:
    """Yield the clock's day, the days beside it, and two birthdays, with what each is called."""
    for words, days, years in (
        ("today", 0, 0),
        ("yesterday", -1, 0),
        ("tomorrow", 1, 0),
        (f"today {_YEARS} years ago", 0, _YEARS),
        (f"tomorrow {_YEARS} years ago", 1, _YEARS),
    ):
        yield words, partial(_from_today, days, years)


def _from_now(step: timedelta) -> datetime:
    return timezone.now().replace(microsecond=0) + step


def _from_today(days: int, years: int) -> date:
    """Return the day so many days after the clock's, and years before; of the 29th of February the 28th."""
    now = timezone.now()
    today = timezone.localdate(now) if timezone.is_aware(now) else now.date()
    day = today + timedelta(days=days)
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=day.day - 1)


def _set(row: models.Model, field: Any, value: Callable[[], Any]) -> None:
    # A queryset of Django's own: the project's may do more than one UPDATE.
    models.QuerySet(row.__class__).filter(pk=row.pk).update(**{field.attname: value()})
