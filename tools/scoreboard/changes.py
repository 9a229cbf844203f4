"""The changes that every peer is shown: the planted regressions, the neutral changes, and the service as it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from tools.planted.catalogue import NeutralChange, Regression, neutral_changes, regressions
from tools.scoreboard.places import PROJECT

Kind = Literal["unchanged", "regression", "neutral"]
UNCHANGED: Final = "unchanged"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of the service or of its surroundings, and the scenarios that the catalogue names for it."""

    name: str
    kind: Kind
    title: str
    category: str = ""
    only: str = ""
    patch: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "copy"
    is_reversed: bool = False
    repeats: int = 1
    at_once: int = 1

    @cached_property
    def digest(self) -> str:
        """Return what a result holds for: the patch, or the whole service where there is none, and the surroundings."""
        told = hashlib.sha256()
        for path in [self.patch] if self.patch else sorted((PROJECT / "service").rglob("*.py")):
            told.update(path.read_bytes())
        surroundings = [sorted(self.environment.items()), self.folder, self.is_reversed, self.repeats, self.at_once]
        told.update(repr(surroundings).encode())
        return told.hexdigest()[:16]


def unchanged() -> Change:
    """Return the service as it is: what every peer must pass before it is shown anything else."""
    return Change(name=UNCHANGED, kind="unchanged", title="the service as it is")


def planted_changes() -> tuple[Change, ...]:
    """Return all regressions, then all neutral changes, in the catalogue's order. Raises CatalogueError."""
    return (*map(_regression, regressions()), *map(_neutral, neutral_changes()))


def _regression(entry: Regression) -> Change:
    return Change(
        name=entry.name,
        kind="regression",
        title=entry.title,
        category=entry.category,
        only=entry.only,
        patch=entry.patch,
    )


def _neutral(entry: NeutralChange) -> Change:
    return Change(
        name=entry.name,
        kind="neutral",
        title=entry.title,
        category=entry.kind,
        only=entry.only,
        patch=entry.patch,
        environment=entry.environment,
        folder=entry.folder,
        is_reversed=entry.reversed_suite,
        repeats=entry.repeats,
        at_once=entry.at_once,
    )
