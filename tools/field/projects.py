"""Field projects: the entry of each, as its `project.toml` declares it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

from tools.field.errors import FieldError
from tools.field.places import PROJECTS

Size = Literal["small", "large"]
Need = Literal["redis", "postgresql"]
_KEYS: Final = frozenset(
    {"title", "size", "settings", "unpacked", "start", "needs", "redis_port", "environment", "planted"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A text of a file, and the text that takes its place."""

    find: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """An N+1 that is put into a project's own code, and the place where a finding has to point.

    `file` is edited; the query is sent from `line` of the file `at`, which may be a template.
    """

    endpoint: str
    file: str
    edits: tuple[Edit, ...]
    at: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Django project that nobody here wrote, with the little that it needs to run."""

    name: str
    title: str
    size: Size
    settings: str
    planted: Planted
    unpacked: str = ""
    start: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    redis_port: str = ""
    environment: Mapping[str, str]

    @property
    def lock(self) -> Path:
        """The pinned packages of the project, with their hashes."""
        return PROJECTS / self.name / "requirements.txt"

    @property
    def files(self) -> Path:
        """The settings and paths that were written for the field test."""
        return PROJECTS / self.name / "site"

    @cached_property
    def version(self) -> str:
        """The pinned version of the project's own distribution, of Wagtail for its site."""
        return self.version_of(self.unpacked or self.name)

    def version_of(self, distribution: str) -> str:
        """Return the version that the lock pins. Raises FieldError where it pins none."""
        for line in self.lock.read_text(encoding="utf-8").splitlines():
            name, separator, rest = line.partition("==")
            if separator and name == distribution:
                return rest.split()[0]
        raise FieldError(f"{self.lock} pins no {distribution}: run `python -m tools.field --lock {self.name}`")


def read_projects() -> tuple[Project, ...]:
    """Return every field project, the small ones first. Raises FieldError as `file: what is wrong`."""
    found = [_project(path) for path in sorted(PROJECTS.glob("*/project.toml"))]
    return tuple(sorted(found, key=lambda one: (get_args(Size).index(one.size), one.name)))


def _project(path: Path) -> Project:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise FieldError(f"{path}: cannot be read: {error}") from None
    if unknown := set(data) - _KEYS:
        raise FieldError(f"{path}: unknown key {min(unknown)!r}; known: {', '.join(sorted(_KEYS))}")
    if data.get("size") not in get_args(Size):
        raise FieldError(f"{path}: size is {data.get('size')!r}, expected small or large")
    try:
        return Project(
            name=path.parent.name,
            planted=_planted(data.pop("planted")),
            start=tuple(data.pop("start", ())),
            needs=tuple(data.pop("needs", ())),
            environment=dict(data.pop("environment", {})),
            **data,
        )
    except (KeyError, TypeError) as error:
        raise FieldError(f"{path}: a key is missing: {error}") from None


def _planted(data: Mapping[str, Any]) -> Planted:
    return Planted(
        endpoint=data["endpoint"],
        file=data["file"],
        edits=tuple(Edit(**edit) for edit in data["edits"]),
        at=data.get("at", data["file"]),
        line=data["line"],
    )
