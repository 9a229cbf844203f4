"""Settings that guard in the project's other closed environments, such as staging, each read in a process of its own.

`python -m reglab.access.guards.environments FILE` writes those of the settings that its variables give, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from reglab.access.guards.settings import changes, default_of, guards
from reglab.config.project import Project
from reglab.errors import AuditError, SettingsError
from reglab.project.settings import SETTINGS_VARIABLE, load_settings
from reglab.termination import end_with_parent, with_our_end

_SECONDS_MAX: Final = 120
_MIDDLEWARE: Final = "MIDDLEWARE"
_DEVELOPERS: Final = "URLs for developers"


def guards_of_environments(project: Project) -> dict[str, dict[str, str]]:
    """Return the guards of each other environment that the project names. Raises AuditError where one cannot load."""
    return {name: _guards_of(project, name) for name in project.environments}


def own_guards(found: Mapping[str, str], closed: Mapping[str, str]) -> dict[str, str]:
    """Return what an environment has otherwise than the closed settings: that alone is kept in the matrix."""
    names = sorted({*found, *closed})
    both = {name: (found.get(name, default_of(name)), closed.get(name, default_of(name))) for name in names}
    return {name: own for name, (own, other) in both.items() if own != other}


def changed(
    accepted: Mapping[str, str], found: Mapping[str, str], *, closed: tuple[Mapping[str, str], Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Give each guard of an environment that is not as accepted, and how it differs.

    `accepted` is what it has otherwise than the closed settings, `closed` the guards of these as accepted and as found.
    What changed in both, and alike, is told of the closed settings alone.
    """
    there = dict(changes(*closed))
    for name, text in changes({**closed[0], **accepted}, found):
        is_told = name in there and found.get(name) == closed[1].get(name)
        if not is_told:
            yield name, text


def with_surroundings(
    own: Mapping[str, str], *, middleware: tuple[str, ...], developers: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return guards with the list of middleware, and the URLs for developers, as two more of them."""
    return {**own, _MIDDLEWARE: json.dumps(list(middleware)), _DEVELOPERS: json.dumps(list(developers))}


def _guards_of(project: Project, name: str) -> dict[str, str]:
    variables = project.environments[name]
    with tempfile.TemporaryDirectory(prefix="reglab-environment-") as folder:
        written = Path(folder) / "guards.json"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "reglab.access.guards.environments", str(written)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                env=with_our_end(_environment(project, variables)),
                timeout=_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise AuditError(f"the settings of {name!r} did not load within {_SECONDS_MAX} s") from None
        if done.returncode or not written.is_file():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise AuditError(f"the settings of {name!r} (`environments` of the configuration) cannot be loaded: {last}")
        found: dict[str, str] = json.loads(written.read_text(encoding="utf-8"))
        return found


def _environment(project: Project, variables: Mapping[str, str] | str) -> dict[str, str]:
    """Return the variables of this process without those of the open and of the closed settings."""
    closed = project.closed if isinstance(project.closed, dict) else {}
    own = {name: value for name, value in os.environ.items() if name not in {*project.environment, *closed}}
    if isinstance(variables, str):
        return {**own, SETTINGS_VARIABLE: variables}
    return {**own, **({SETTINGS_VARIABLE: project.settings} if project.settings else {}), **variables}


def _write(file: Path) -> None:
    end_with_parent()
    try:
        load_settings("", environment={})
    except SettingsError as error:
        sys.exit(str(error))
    from django.conf import settings

    from reglab.project.development_tools import is_for_developers
    from reglab.project.endpoints.discovery import Endpoints

    developers = {one.name for one in Endpoints().all if is_for_developers(one.view, one.path)}
    found = with_surroundings(guards(), middleware=tuple(settings.MIDDLEWARE), developers=tuple(sorted(developers)))
    file.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
