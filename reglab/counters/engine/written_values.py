"""Values that rows were given, by column, without what chance, a sequence or the database's own clock decides."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from reglab.counters.engine.row_changes import RowChange
from reglab.report.record_files import now

# A table of more columns than a person would review, such as one of history, has one checksum in all.
_COLUMNS_MAX: Final = 40
_WHOLE: Final = "(all columns)"
_VALUES_SHOWN: Final = 3
_VALUE_CHARACTERS: Final = 60
_CHANCE: Final = "(by chance)"
_NOW: Final = "(now)"
_UUID: Final = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_HEXADECIMAL: Final = r"(?<![0-9A-Za-z])(?:\\+x)?[0-9a-fA-F]{16,}(?![0-9A-Za-z])"
# Of 20 characters and more, with letters of both kinds and a digit: a token, a salt, a signature.
_DRAWN: Final = r"(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])(?=[\w+=-]*[0-9])[\w+=-]{20,}"
_BY_CHANCE: Final = re.compile(f"{_UUID}|{_HEXADECIMAL}|{_DRAWN}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d(?::?\d\d)?)?)?")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})\Z")


def values_by_column(changes: Iterable[RowChange]) -> Iterator[tuple[str, list[Any]]]:
    """Give each column that rows of one table and verb were written with, and its values by the rows' keys.

    Whole numbers are numbers, JSON is what it says whatever the order of its keys, all else is text as the database
    spells it. What the database's clock says is "(now)", what looks drawn by chance "(by chance)": a draw more
    elsewhere in the request would change it.
    """
    columns: dict[str, list[Any]] = {}
    for change in changes:
        for column, text in change.written:
            columns.setdefault(column, []).append(_value(text))
    if len(columns) > _COLUMNS_MAX:
        yield _WHOLE, [value for _, values in sorted(columns.items()) for value in values]
    else:
        yield from sorted(columns.items())


def shown_values(values: list[Any]) -> str:
    """Return the first values as JSON, cut, and how many there are."""
    shown = ", ".join(json.dumps(value, ensure_ascii=False)[:_VALUE_CHARACTERS] for value in values[:_VALUES_SHOWN])
    return shown + (f", … ({len(values)} values)" if len(values) > _VALUES_SHOWN else "")


def without_chance(text: str) -> str:
    """Return a text with what looks drawn by chance, and moments of the last and next day, in words."""
    days = _days_around_now()
    text = _DAY.sub(lambda found: _NOW if found[0][:10] in days else found[0], text)
    return _BY_CHANCE.sub(_CHANCE, text)


def _value(text: str) -> Any:
    plain = text[1:-1].replace("''", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text
    if plain == text and _NUMBER.match(plain):
        return int(plain)
    if plain[:1] in {"{", "["}:
        try:
            return json.loads(without_chance(plain))
        except ValueError:
            pass
    return without_chance(plain)


def _days_around_now() -> set[str]:
    """Return yesterday, today and tomorrow as the machine's own clock has them: a database may be in any zone."""
    today = datetime.fromisoformat(now()).astimezone(UTC)
    return {(today + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)}
