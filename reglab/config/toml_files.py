"""Reads the load tests' reviewed TOML files strictly: a complaint names the file, the line and the fix."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from reglab.config.toml_lines import line_of
from reglab.errors import LoadTestError

_Read = TypeVar("_Read")


def read_text(path: Path) -> str:
    """Read a file. Raises LoadTestError; FileNotFoundError is left to the caller, who knows what else there is."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise LoadTestError(f"{path}: cannot be read ({error})") from None


def parse(text: str, *, path: str, adapter: TypeAdapter[_Read], tables: dict[str, type]) -> _Read:
    """Validate TOML against `adapter`. `tables` maps a table's name, "" for the top, to the class that reads it.

    Raises LoadTestError with `path:line`.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        raise LoadTestError(f"{path}:{place[1] if place else 1}: not TOML: {error}") from None
    try:
        # Through JSON, so that strict validation takes a TOML array for a tuple, and nothing else for anything.
        return adapter.validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        raise LoadTestError(_complaint(error, text=text, path=path, tables=tables)) from None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that comes closest, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _complaint(error: ValidationError, *, text: str, path: str, tables: dict[str, type]) -> str:
    # A misspelt key is two errors, an unknown key and a missing one: the unknown one is the mistake.
    first = min(error.errors(include_url=False), key=lambda each: each["type"] != "unexpected_keyword_argument")
    place: tuple[Any, ...] = first["loc"]
    message = first["msg"].removeprefix("Value error, ")
    if not place or (len(place) == 1 and first["type"] == "value_error"):
        # A rule over several keys names its place itself: "mix.list-order: no such scenario".
        return f"{path}:{line_of(text, message.partition(':')[0].split('.'))}: {message}"
    if first["type"] == "unexpected_keyword_argument":
        owner = tables[str(place[0])] if len(place) > 1 else tables[""]
        message = f"no such key{nearest(str(place[-1]), _keys(owner))}"
    name = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    return f"{path}:{line_of(text, place)}: {name}: {message}"


def _keys(owner: type) -> list[str]:
    return [field.name for field in fields(owner)] if is_dataclass(owner) else []
