"""The catalogue: which regressions are planted and what must be found, and which changes must find nothing."""

import json
import tomllib
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reglab.config.toml_lines import line_of
from reglab.metrics import METRICS

HERE: Final = Path(__file__).resolve().parent
REGRESSIONS: Final = HERE / "regressions.toml"
NEUTRAL: Final = HERE / "neutral.toml"
# Not part of what the gate is measured by: each shows a rule at work that no regression of the catalogue breaks first.
SHOWN: Final = HERE / "shown.toml"

Category = Literal[
    "queries",
    "plans",
    "writes",
    "payload",
    "cpu-memory",
    "time",
    "concurrency",
    "load",
    "correctness",
    "access",
    "injection",
    "atomicity",
    "migrations",
    "limits",
    "variants",
    "leaks",
]
Instrument = Literal[
    "work",
    "compare",
    "race",
    "load",
    "benchmark",
    "access",
    "injection",
    "atomicity",
    "migrations",
    "limits",
    "variants",
    "leaks",
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Words = Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
_Entry = TypeVar("_Entry", "Regression", "NeutralChange")


class CatalogueError(Exception):
    """The catalogue cannot be used: one line that names file, line and fix."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ExpectedFinding(_Strict):
    """What the first failing finding must be: its rule, endpoint and metric, and words that it must say."""

    rule: str
    endpoint: str
    metric: str
    says: Words

    @model_validator(mode="after")
    def _measures_something(self) -> Self:
        if self.metric and self.metric not in METRICS:
            raise ValueError(f"no metric is called {self.metric!r}; see reglab/metrics.py")
        return self


class Regression(_Strict):
    """A pull request that goes wrong, and what the gate must say about it.

    `only` selects what is run: a glob of scenarios for the work audit, a scenario for the paired time, a pair of
    scenarios for the race audit, a profile for the load test. `missed` says why the gate does not see it, where it
    does not: it then counts against the gate, and fails the run as soon as it is seen. `is_blind`: written by somebody
    who was given the service and its contract alone. `outcome` is that of the rule that is broken.
    """

    name: Name
    category: Category
    title: str
    instrument: Instrument = "work"
    only: str
    quick: bool = False
    line: str = ""
    missed: str = ""
    is_blind: bool = False
    folder: Literal["regressions", "shown"] = "regressions"
    outcome: Literal["fail", "inconclusive", "note"] = "fail"
    finding: ExpectedFinding

    @cached_property
    def patch(self) -> Path:
        """The change itself."""
        return HERE / self.folder / f"{self.name}.patch"

    @property
    def profile(self) -> Path | None:
        """The load profile that it is put under, where it takes a load to see it."""
        return HERE / "profiles" / f"{self.only}.toml" if self.instrument == "load" else None


class NeutralChange(_Strict):
    """A change that does no more and no other work, so that nothing may fail.

    A patch, or only surroundings: variables of the environment and so many more bytes of it, the copy's folder, the
    order of the suite's scenarios, how often the audit is repeated in one copy, how many run at the same time.
    """

    name: Name
    title: str
    kind: Literal["code", "queries", "surroundings"]
    only: str = "*"
    quick: bool = False
    has_patch: bool = True
    environment: dict[str, str] = {}
    environment_bytes: int = 0
    folder: str = "copy"
    reversed_suite: bool = False
    repeats: int = 1
    at_once: int = 1

    @cached_property
    def patch(self) -> Path | None:
        """The change itself, where the code changes at all."""
        return HERE / "neutral" / f"{self.name}.patch" if self.has_patch else None


class _Regressions(_Strict):
    regression: Annotated[tuple[Regression, ...], Field(min_length=1, strict=False)]


class _NeutralChanges(_Strict):
    neutral: Annotated[tuple[NeutralChange, ...], Field(min_length=1, strict=False)]


def regressions(path: Path = REGRESSIONS) -> tuple[Regression, ...]:
    """Return the planted regressions in the catalogue's order. Raises CatalogueError."""
    return _checked(path, "regression", _read(path, _Regressions).regression)


def neutral_changes(path: Path = NEUTRAL) -> tuple[NeutralChange, ...]:
    """Return the neutral changes in the catalogue's order. Raises CatalogueError."""
    return _checked(path, "neutral", _read(path, _NeutralChanges).neutral)


def shown_changes() -> tuple[Regression, ...]:
    """Return the changes that show a rule at work, and nothing else. Raises CatalogueError."""
    return regressions(SHOWN)


def everything_planted() -> tuple[Regression | NeutralChange, ...]:
    """Return everything that is planted, regressions first. Raises CatalogueError."""
    return (*regressions(), *neutral_changes())


_Read = TypeVar("_Read", _Regressions, _NeutralChanges)


def _read(path: Path, shape: type[_Read]) -> _Read:
    try:
        text = path.read_text(encoding="utf-8")
        raw: Any = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read: {error}") from None
    try:
        return shape.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        key = ".".join(str(part) for part in first["loc"])
        raise CatalogueError(f"{path}:{line_of(text, first['loc'])}: {key}: {message}") from None


def _checked(path: Path, table: str, entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    """Refuse a name that is there twice, and a patch or a profile that is not there."""
    seen = set[str]()
    for number, entry in enumerate(entries):
        if complaint := _complaint(entry, seen):
            line = line_of(path.read_text(encoding="utf-8"), (table, number, "name"))
            raise CatalogueError(f"{path}:{line}: {entry.name}: {complaint}")
        seen.add(entry.name)
    return entries


def _complaint(entry: Regression | NeutralChange, taken: Collection[str]) -> str:
    if entry.name in taken:
        return "the name is taken; give this one another"
    if entry.patch is not None and not entry.patch.is_file():
        return f"{entry.patch} is not there; write it, or remove the entry"
    if isinstance(entry, Regression) and entry.profile is not None and not entry.profile.is_file():
        return f"{entry.profile} is not there; `only` names a profile of that folder"
    return ""
