"""Finds the module in which a project declares its load, and checks it before anything is sent."""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Final

from reglab.config.nearest_word import nearest
from reglab.config.project import Project, read_project
from reglab.errors import LoadTestError
from reglab.load.operations import Effect, Load, Request
from reglab.load.pool import RehearsalPool
from reglab.load.writes.request_checks import complaints_of

NAME: Final = "LOAD"
# So the processes that a load test starts find the same module, wherever they were started.
VARIABLE: Final = "LOADTEST_MODULE"
REHEARSED: Final = "load0000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProject:
    """What a load test needs to know of a project: its declaration, and where its files are."""

    project: Project
    module: str
    load: Load

    @property
    def profiles(self) -> Path:
        """The folder of profiles."""
        return self.project.folder / self.project.profiles

    @property
    def targets(self) -> Path:
        """The file of allowed targets."""
        return self.project.folder / self.project.targets


def load_project(project: Project | None = None) -> LoadProject:
    """Import the load module of a project, of the one in this folder by default. Raises LoadTestError."""
    project = read_project() if project is None else project
    module = os.environ.get(VARIABLE) or project.load
    if not module:
        raise LoadTestError(
            'no load is declared: write load = "loadtests.operations", a module with the name LOAD, below [tool.reglab]'
            " (`reglab load init` drafts one from the suite)"
        )
    return LoadProject(project=project, module=module, load=_imported(module))


@lru_cache
def _imported(module: str) -> Load:
    try:
        declared = getattr(import_module(module), NAME, None)
    except LoadTestError:
        raise
    except (Exception, SystemExit) as error:
        raise LoadTestError(f"the load module {module} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(declared, Load):
        raise LoadTestError(f"the load module {module} has no {NAME} of the class reglab.load.operations.Load")
    return declared


def check_operations(load: Load, names: Iterable[str]) -> None:
    """Build one request of each operation, and check that its effects can be reconciled. Sends nothing.

    Raises LoadTestError with the operation and what is wrong with it.
    """
    pool = RehearsalPool(run=REHEARSED, worker="w")
    for name in names:
        try:
            request = load.request(name, pool, Random(0))  # noqa: S311  # reproducible is the point
        except (Exception, SystemExit) as error:
            raise LoadTestError(
                f"operation {name}: its request cannot be built: {type(error).__name__}: {error}; nothing was sent"
            ) from error
        for complaint in _complaints(load, name, request):
            raise LoadTestError(f"operation {name}: {complaint}; nothing was sent")


def _complaints(load: Load, name: str, request: object) -> Iterable[str]:
    operation = load.operations[name]
    if not isinstance(request, Request):
        yield f"it returned {request!r}, and not a Request"
        return
    if operation.writes != bool(request.effects):
        yield "writes = True and a request with effects go together: the write ledger holds every write"
    kinds = {kind.name for kind in load.kinds}
    for kind, _row in request.rows:
        if kind not in kinds:
            yield f"no kind of row is called {kind!r}{nearest(kind, kinds)}"
            return
    for effect in request.effects:
        yield from _complaints_of_effect(load, effect)
    yield from complaints_of(load, request, run=REHEARSED, reads=operation.reads)


def _complaints_of_effect(load: Load, effect: Effect) -> Iterable[str]:
    kinds = {kind.name for kind in load.kinds}
    if effect.kind not in kinds:
        yield f"no kind of row is called {effect.kind!r}{nearest(effect.kind, kinds)}"
        return
    if effect.change not in ("create", "change", "delete"):
        yield (
            f"the effect {effect.change!r} cannot be reconciled: an object is created, changed or deleted; "
            "declare what else happens as fields that change"
        )
    if effect.change == "create" and REHEARSED not in effect.key:
        yield f"a new row of the kind {effect.kind} needs the run's id in its key: pool.next_key(), not {effect.key!r}"
    if effect.change != "create" and not (effect.row or effect.key):
        yield f"a row of the kind {effect.kind} that is to {effect.change} needs its id or its key"
    for field, value in effect.fields.items():
        known = load.kind(effect.kind).fields
        if field not in known:
            yield f"{effect.kind} has no field {field!r} that is read back{nearest(field, known)}"
        if not isinstance(value, str | int | bool | None) and not (isinstance(value, float) and math.isfinite(value)):
            yield f"the field {field!r} is to be {value!r}, and only a text, a number, a truth or None can be compared"
