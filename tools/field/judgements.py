"""Judgements of findings: for some findings of a project, whether reading its code proves them true."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.field.errors import FieldError

SUFFIX: Final = ".judged.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One finding, and what somebody who read the code at its place says of it."""

    finding: str
    is_true: bool
    why: str


def read_judgements(folder: Path, project: str) -> tuple[Judgement, ...]:
    """Return what was judged of a project; an absent file holds nothing. Raises FieldError."""
    path = folder / f"{project}{SUFFIX}"
    return tuple(_read(path)) if path.exists() else ()


def _read(path: Path) -> Iterator[Judgement]:
    try:
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("judged", ()):
            yield Judgement(**entry)
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise FieldError(
            f"{path}: cannot be read: {error}; expected [[judged]] with finding, is_true and why"
        ) from None
