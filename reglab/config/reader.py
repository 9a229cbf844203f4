"""Strict reader of a TOML file into one pydantic model: a complaint names the file, the line and the nearest word."""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from reglab.config.toml_lines import line_of
from reglab.errors import ConfigError, RegLabError

Model = TypeVar("Model", bound=BaseModel)


def read_text(path: Path, *, error: type[RegLabError] = ConfigError) -> str:
    """Read a file as UTF-8, with or without a byte order mark. FileNotFoundError is left to the caller."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"{path}: cannot be read: {problem}") from None


def parse_toml(text: str, *, path: Path | str, error: type[RegLabError] = ConfigError) -> dict[str, Any]:
    """Parse TOML. Raises `error` as `path:line: reason`; conflict markers of git are named as such."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.startswith(("<<<<<<< ", ">>>>>>> ")):
                raise error(f"{path}:{number}: has conflict markers of git; resolve the conflict first") from None
        place = re.search(r"at line (\d+)", str(problem))
        raise error(f"{path}:{place[1] if place else 1}: not TOML: {problem}") from None


def validated(
    data: dict[str, Any],
    model: type[Model],
    *,
    text: str,
    path: Path | str,
    table: tuple[str, ...] = (),
    error: type[RegLabError] = ConfigError,
) -> Model:
    """Validate a table of a file. `table` is the path of keys to it, for the line. Raises `error` as `path:line: …`."""
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        raise error(_first_complaint(problem, model=model, text=text, path=path, table=table)) from None


def nearest(name: str, known: Any) -> str:
    """Return "; did you mean …?" with the nearest known name, or what is known where nothing is near."""
    names = [str(one) for one in known]
    if matches := get_close_matches(name, names, n=1, cutoff=0.5):
        return f"; did you mean {matches[0]!r}?"
    return f"; known: {', '.join(sorted(names)[:12])}" if names else ""


def _first_complaint(
    error: ValidationError, *, model: type[BaseModel], text: str, path: Path | str, table: tuple[str, ...]
) -> str:
    # A misspelt key is also a missing one: the misspelling says more.
    first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    place = tuple(first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        what = f"unknown key {place[-1]!r}{nearest(str(place[-1]), _keys_at(model, place[:-1]))}"
    elif first["type"] == "missing":
        what = f"the key {place[-1]!r} is missing"
    elif place:
        what = f"{'.'.join(str(part) for part in place)}: {what}"
    return f"{path}:{line_of(text, (*table, *place))}: {what}"


def _keys_at(model: type[BaseModel], place: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that the table at `place` may have, by walking the models along it."""
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_inside(model.model_fields[part].annotation) or model
    return tuple(model.model_fields)


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_inside(inner))), None)
