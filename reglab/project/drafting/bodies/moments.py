"""Dates and times of drafted bodies: what ends does so after what begins."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.moments import is_later

ISO: Final = "%Y-%m-%dT%H:%M:%SZ"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_FORMS: Final = ("%Y-%m-%d", ISO, "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M")


def date_for(name: str) -> str:
    """Return a day for a field: the one after the others' where its name says that something ends."""
    return (DEFAULT_CLOCK + _DAY * is_later(name)).date().isoformat()


def time_for(name: str) -> str:
    """Return a time of the day, an hour later where something ends."""
    return f"{DEFAULT_CLOCK + _HOUR * is_later(name):%H:%M:%S}"


def moment_for(name: str, *, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a day with its time, an hour later where something ends."""
    return f"{DEFAULT_CLOCK + _HOUR * is_later(name):{form}}"


def in_order(content: Any) -> Any:
    """Return a body with each day after those before it: a stay has its arrival first, a flight its departure.

    Only those that are one and the same day, or moment, are moved: the others have been told by their names.
    """
    if isinstance(content, list):
        return [in_order(one) for one in content]
    if not isinstance(content, Mapping):
        return content
    seen: Counter[str] = Counter()
    return {name: _later(value, seen) if isinstance(value, str) else in_order(value) for name, value in content.items()}


def query_in_order(query: str) -> str:
    """Return a query, "?arrival=…&departure=…", with its days in order as those of a body are."""
    pairs = dict(part.partition("=")[::2] for part in query.removeprefix("?").split("&") if part)
    ordered = "&".join(f"{name}={value}" for name, value in in_order(pairs).items())
    return f"?{ordered}" if query else ""


def _later(text: str, seen: Counter[str]) -> str:
    """Return a text as it is, or so many days later as the drafted day was seen before."""
    form = next((one for one in _FORMS if text == f"{DEFAULT_CLOCK:{one}}"), None)
    if form is None:
        return text
    seen[form] += 1
    return f"{DEFAULT_CLOCK + _DAY * (seen[form] - 1):{form}}"
