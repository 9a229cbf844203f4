"""Sameness of values: one that came back is the one that was sent, in whatever words."""

import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_duration

_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def is_same(found: Any, sent: Any) -> bool:
    """Tell whether what is found is what was sent, as a client would: a number by its value, a text but for case.

    Spaces around a text, and how its letters are composed, make no difference; a moment is the same in every time zone.
    """
    if isinstance(found, str) and isinstance(sent, int | float | str) and ":" in found and _is_one_span(found, sent):
        return True
    if isinstance(sent, str) and isinstance(found, str):
        told = [one for one in map(_moment, (found, sent)) if one is not None and timezone.is_aware(one)]
        return _plain(found) == _plain(sent) or (len(told) == 2 and told[0] == told[1]) or _is_one_number(found, sent)
    if isinstance(sent, str) and isinstance(found, datetime | timedelta):
        # As the database gives it back.
        return found == (parse_duration(sent) if isinstance(found, timedelta) else _moment_like(found, sent))
    try:
        return float(found) == float(sent)
    except (TypeError, ValueError, OverflowError):
        return str(found) == str(sent)


def _is_one_span(found: str, sent: float | str) -> bool:
    """Tell whether both are one span of time: 5 is "00:00:05"."""
    one, other = parse_duration(found.strip()), parse_duration(str(sent).strip())
    return one is not None and one == other


def _is_one_number(found: str, sent: str) -> bool:
    """Tell whether two texts are one decimal, which an API writes with as many places as its column has."""
    if not (_DECIMAL.fullmatch(found.strip()) and _DECIMAL.fullmatch(sent.strip())):
        return False
    return "." in found and Decimal(found.strip()) == Decimal(sent.strip())


def _moment(text: str) -> datetime | None:
    """Return the moment that a text is, with its time zone or without; None for any other."""
    try:
        return parse_datetime(text.strip())
    except ValueError:
        return None


def _moment_like(stored: datetime, text: str) -> datetime | None:
    """Return the moment that a text means to a project that stores moments with a time zone, or without."""
    moment = _moment(text)
    if moment is None or timezone.is_aware(moment) == timezone.is_aware(stored):
        return moment
    return timezone.make_aware(moment) if timezone.is_aware(stored) else timezone.make_naive(moment)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip()).casefold()
