"""Dates and times of drafted bodies: what ends does so after what begins."""

from datetime import timedelta
from typing import Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.moments import is_later

ISO: Final = "%Y-%m-%dT%H:%M:%SZ"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def date_for(name: str) -> str:
    """Return a day for a field: the one after the others' where its name says that something ends."""
    return (DEFAULT_CLOCK + _DAY * is_later(name)).date().isoformat()


def time_for(name: str) -> str:
    """Return a time of the day, an hour later where something ends."""
    return f"{DEFAULT_CLOCK + _HOUR * is_later(name):%H:%M:%S}"


def moment_for(name: str, *, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a day with its time, an hour later where something ends."""
    return f"{DEFAULT_CLOCK + _HOUR * is_later(name):{form}}"
