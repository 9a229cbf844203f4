"""Values of a request as rows have them, or the clock: where a comparison of the two turns, and one step beside it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from reglab.limits.fields import Limits
from reglab.limits.unsent.bodies import Body
from reglab.limits.unsent.turning_points import DAY, FIELDS_MAX, NUMBERS, SECOND, near_now, near_today, own_fields
from reglab.project.requests.binding import rows_of
from reglab.project.requests.test_client import Request

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
# How much of a list is asked for is compared with no row.
_OF_PAGES: Final = re.compile("page|limit|offset|size|cursor")
# Of such a number many a percentage ends in half of a cent: 21 % of 2.50 are 0.525.
_HALVES: Final = ("0.50", "1.50", "2.50")
_SMALL: Final = ("2", "3", "5")
_CENTS: Final = 2


def at_stored(body: Body, fields: Sequence[Limits], rows: Sequence[models.Model]) -> Iterator[tuple[str, Request]]:
    """Yield a body's numbers and days as they are stored in the rows that it is about, and one step beside that.

    Days and times are those around the clock's, too, also of fields that the body leaves out; prices end in half of
    what a percentage of them rounds to, other numbers are a few small ones; texts are as people type them.
    """
    stored = dict(_stored(rows))
    keys = frozenset(name for row in rows for name in _names_of_rows(row))
    for limits in fields:
        own = body.at(limits.path)
        if limits.names_a_row or str(limits.path[-1]) in keys or isinstance(own, bool):
            continue
        if own is None:
            own = _example(limits) if len(limits.path) == 1 else None
        yield from (
            (f"{limits.name} {told}", body.with_path(limits.path, value))
            for told, value in _values(limits, own, stored, rows)
        )


def _values(
    limits: Limits, own: Any, stored: dict[str, Any], rows: Sequence[models.Model]
) -> Iterator[tuple[str, Any]]:
    if limits.kind == "number" and own is not None:
        yield from ((told, _as(own, value)) for told, value in _numbers_beside(stored))
        several = _HALVES if _is_price(limits, rows) else _SMALL
        yield from ((f"= {number}", _as(own, Decimal(number))) for number in several)
    elif isinstance(own, str):
        yield from (*days_beside(own, stored), *as_typed(own))


def _example(limits: Limits) -> str | None:
    """Return a day, or a moment, for a field that takes one and that the body leaves out; None for any other."""
    kind = limits.checked_by[0].__name__.lower() if limits.checked_by else ""
    if "datetime" in kind:
        return "2026-06-15T12:00:00+00:00"
    return "2026-06-15" if "date" in kind else None


def _names_of_rows(row: models.Model) -> Iterator[str]:
    """Yield the names under which a body may hold the key of a row, its own or that of one that it points at."""
    yield str(row._meta.model_name)  # noqa: SLF001  # Django's public name for it
    fields: Sequence[Any] = row._meta.concrete_fields  # noqa: SLF001
    for field in fields:
        if field.is_relation:
            yield from (field.name, field.attname, str(field.related_model._meta.model_name))  # noqa: SLF001


def _stored(rows: Sequence[models.Model]) -> Iterator[tuple[str, Any]]:
    """Yield the numbers and days of rows, and of those that they point at, by table and column."""
    seen: set[tuple[type[models.Model], Any]] = set()
    for row in [*rows, *(parent for one in rows for parent in _parents(one))]:
        if (row.__class__, row.pk) in seen:
            continue
        seen.add((row.__class__, row.pk))
        fields = [field for kind in (*NUMBERS, models.DateField) for field in own_fields(row, kind)]
        for field in fields[:FIELDS_MAX]:
            if (value := getattr(row, field.attname)) is not None:
                yield f"{row._meta.db_table}.{field.column}", value  # noqa: SLF001


def _parents(row: models.Model) -> Iterator[models.Model]:
    for field in row._meta.concrete_fields:  # noqa: SLF001
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname) is not None:
            yield from rows_of(
                field.remote_field.model, filters={field.target_field.attname: getattr(row, field.attname)}
            )


def _numbers_beside(stored: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    for column, value in stored.items():
        if isinstance(value, int | float | Decimal) and (number := Decimal(str(value))).is_finite():
            exponent = number.as_tuple().exponent
            step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
            for words, near in (("at", number), ("just above", number + step)):
                yield f"{words} {column}", near


def _as(own: Any, number: Decimal) -> Any:
    """Return a number in the way that a body has it: as a text, or as a number of JSON."""
    if isinstance(own, str):
        return str(number)
    return int(number) if number == number.to_integral_value() else float(number)


def _is_price(limits: Limits, rows: Sequence[models.Model]) -> bool:
    """Tell whether a number has cents: by the class of its field, or by the column of that name."""
    kind = limits.checked_by[0].__name__.lower() if limits.checked_by else ""
    if any(word in kind for word in ("decimal", "money")):
        return True
    for row in rows:
        try:
            field = row._meta.get_field(str(limits.path[-1]))  # noqa: SLF001  # Django's public name for it
        except FieldDoesNotExist:
            continue
        return isinstance(field, models.DecimalField) and (field.decimal_places or 0) >= _CENTS
    return False


def days_beside(own: str, stored: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the days, or the times, around the clock's and those of rows, written as `own` is; none for other texts."""
    if _DATE.fullmatch(own):
        for words, day in near_today():
            yield f"= {words}", day().isoformat()
        yield from _beside_days(stored)
    elif _MOMENT.fullmatch(own):
        for words, moment in near_now():
            yield f"= {words}", moment().isoformat()
        yield from _beside_moments(stored)


def as_typed(own: str) -> Iterator[tuple[str, str]]:
    """Yield a text as people type it, with blanks around it and in the other case; none for days and numbers."""
    if _DATE.match(own) or not any(letter.isalpha() for letter in own) or own.startswith("{"):
        return
    yield "with blanks around it", f" {own} "
    yield "in the other case", own.swapcase()


def _beside_days(stored: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for column, value in stored.items():
        if isinstance(value, date):
            day = value.date() if isinstance(value, datetime) else value
            yield f"at {column}", day.isoformat()
            # The last day that there is stands for none in many a table.
            with suppress(OverflowError):
                yield f"a day after {column}", (day + DAY).isoformat()


def _beside_moments(stored: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for column, value in stored.items():
        if isinstance(value, datetime):
            yield f"at {column}", value.isoformat()
            with suppress(OverflowError):
                yield f"a second after {column}", (value + SECOND).isoformat()


def queries_at_stored(query: Sequence[tuple[str, str]], rows: Sequence[models.Model]) -> Iterator[tuple[str, int, str]]:
    """Yield other values of the parameters that hold days, times or numbers: those of the rows that are listed.

    Gives what each is called, the parameter's place, and its value.
    """
    stored = dict(_stored(rows))
    for place, (name, own) in enumerate(query):
        if _OF_PAGES.search(name):
            continue
        if own.lstrip("-").replace(".", "", 1).isdigit():
            for told, number in _numbers_beside(stored):
                yield f"?{name} {told}", place, str(number)
        else:
            others = (*days_beside(own, stored), *as_typed(own), ("blank", " "))
            yield from ((f"?{name} {told}", place, text) for told, text in others)
