"""Strict reader of every TOML file of a project: a complaint names the file, the line and the nearest word."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from reglab.config.nearest_word import nearest
from reglab.config.toml_lines import line_of
from reglab.config.valid_words import keys_at
from reglab.errors import ConfigError, RegLabError

Model = TypeVar("Model")
_UNKNOWN: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_MISSING: Final = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})


class PlacedError(ValueError):
    """A mistake that a validator of a whole table has found at one key of it: `place` is the path to that key."""

    def __init__(self, message: str, *place: str | int) -> None:
        self.place = place
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile(Generic[Model]):
    """A file that was read and validated, kept with its text so that a later complaint can name a line of it."""

    path: Path
    text: str
    content: Model
    error: type[RegLabError]

    def complaint(self, message: str, *place: str | int) -> RegLabError:
        """Return an error that points at a line of this file."""
        return self.error(f"{self.path}:{line_of(self.text, place)}: {message}")


def read_toml(path: Path, model: type[Model], *, error: type[RegLabError] = ConfigError) -> TomlFile[Model]:
    """Read a file into its model. Raises `error` as `path:line: …`; FileNotFoundError is left to the caller."""
    text = read_text(path, error=error)
    content = validated(parse_toml(text, path=path, error=error), model, text=text, path=path, error=error)
    return TomlFile(path=path, text=text, content=content, error=error)


def read_text(path: Path, *, error: type[RegLabError] = ConfigError) -> str:
    """Read a file as UTF-8, with or without a byte order mark. FileNotFoundError is left to the caller."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise error(f"{path}:{line}: is not text in UTF-8; save the file as UTF-8") from None
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror}") from None


def parse_toml(text: str, *, path: Path | str, error: type[RegLabError] = ConfigError) -> dict[str, Any]:
    """Parse TOML. Raises `error` as `path:line: reason`; conflict markers of git are named as such."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.startswith(("<<<<<<< ", ">>>>>>> ")):
                raise error(f"{path}:{number}: has conflict markers of git; resolve the conflict first") from None
        place = re.search(r"at line (\d+)", str(problem))
        line_number = place[1] if place else len(text.splitlines()) or 1
        raise error(f"{path}:{line_number}: not TOML: {str(problem).split(' (at ')[0]}") from None


def validated(
    data: dict[str, Any],
    model: type[Model],
    *,
    text: str,
    path: Path | str,
    table: tuple[str | int, ...] = (),
    error: type[RegLabError] = ConfigError,
) -> Model:
    """Validate a table of a file. `table` is the path of keys to it, for the line. Raises `error` as `path:line: …`."""
    adapter: TypeAdapter[Model] = TypeAdapter(model)
    try:
        # Through JSON, so that strict validation takes a TOML array for a tuple, and nothing else for anything.
        return adapter.validate_json(json.dumps(data, default=_written))
    except ValidationError as problem:
        # A misspelt key is two errors, an unknown key and a missing one: the unknown one is the mistake.
        first = min(problem.errors(include_url=False), key=lambda one: one["type"] not in _UNKNOWN)
        place, what = _complaint(first, adapter=adapter, data=data)
        raise error(f"{path}:{line_of(text, (*table, *place))}: {_owner(data, place)}{what}") from None


def _written(value: Any) -> str:
    """Write a date or a time of TOML as JSON has it."""
    return str(value.isoformat())


def _complaint(
    error: ErrorDetails, *, adapter: TypeAdapter[Any], data: dict[str, Any]
) -> tuple[tuple[str | int, ...], str]:
    """Return the place in the file, and what is wrong there in words."""
    place = _place_in(data, error)
    context = error.get("ctx", {})
    message = error["msg"].removeprefix("Value error, ")
    if isinstance(placed := context.get("error"), PlacedError):
        return (*place, *placed.place), f"{_dotted((*place, *placed.place))}: {message}"
    if error["type"] in _UNKNOWN:
        return place, f"unknown key {place[-1]!r}{nearest(str(place[-1]), keys_at(adapter, place[:-1], data))}"
    if error["type"] in _MISSING:
        return place, f"the key {place[-1]!r} is missing"
    if error["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        return _unknown_kind(place, context, data)
    if error["type"] == "literal_error":
        message += nearest(str(error["input"]), re.findall(r"'([^']+)'", str(context.get("expected", ""))))
    # A rule over several keys of one table names them itself.
    is_of_a_table = error["type"] == "value_error" and isinstance(error["input"], dict)
    return place, message if is_of_a_table or not place else f"{_dotted(place)}: {message}"


def _unknown_kind(
    place: tuple[str | int, ...], context: dict[str, Any], data: dict[str, Any]
) -> tuple[tuple[str | int, ...], str]:
    """Tell of a table whose kind, the value of one key, is missing or not known."""
    key = str(context.get("discriminator", "")).strip("'")
    if "tag" not in context:
        return place, f"the key {key!r} is missing"
    table: Any = data
    for part in place:
        table = table[part]
    known = re.findall(r"'([^']+)'", str(context.get("expected_tags", "")))
    return (*place, key), f"{key}: {table[key]!r} is not known{nearest(str(table[key]), known)}"


def _place_in(data: Any, error: ErrorDetails) -> tuple[str | int, ...]:
    """Leave out of a location what is no key of the file: the kinds between which a table's own key has chosen."""
    place: list[str | int] = []
    for part in error["loc"]:
        is_index = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if is_index or (isinstance(data, dict) and part in data):
            data = data[part]
            place.append(part)
    return (*place, error["loc"][-1]) if error["type"] in _MISSING else tuple(place)


def _owner(data: dict[str, Any], place: tuple[str | int, ...]) -> str:
    """Name the entry of an array of tables that a place is in: "rule 'queries-accepted': "."""
    if len(place) < 2 or not isinstance(place[1], int):
        return ""
    entries: Any = data.get(str(place[0]))
    entry = entries[place[1]] if isinstance(entries, list) and place[1] < len(entries) else None
    if not isinstance(entry, dict):
        return ""
    name = next((entry[key] for key in ("name", "file", "rule", "origin") if key in entry), None)
    return f"{place[0]} {name!r}: " if name else f"{place[0]} {place[1] + 1}: "


def _dotted(place: tuple[str | int, ...]) -> str:
    """Write a place without the array of tables that the complaint names already."""
    own = place[2:] if len(place) > 2 and isinstance(place[1], int) else place
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in own)
