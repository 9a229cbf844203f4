"""Endpoints of the suite that no profile's mix sends: named, so that leaving one out is a decision."""

import re
from collections.abc import Iterator
from typing import Final

from reglab.config.profile import Profile
from reglab.config.reader import read_toml
from reglab.config.suite import read_suite
from reglab.errors import RegLabError
from reglab.load.load_module import LoadProject

_HOLE: Final = re.compile(r"\{[^}]*\}")
_SUCCESS_MAX: Final = 299


def unmixed_endpoints(project: LoadProject) -> list[str]:
    """Return the endpoints that some scenario of the suite is served at and no mix sends; none where there is no suite.

    Parameters are compared by their places: the suite calls them by its bindings, the load by the URL's own names.
    """
    try:
        suite = read_suite(project.project.suite_path).suite
    except RegLabError:
        return []
    served = {
        f"{step.method} {step.path.partition('?')[0]}"
        for scenario in suite.scenario
        for step in scenario.all_steps
        if step.status <= _SUCCESS_MAX
    }
    mixed = {_plain(project.load.operations[name].endpoint) for name in _mixed(project)}
    return sorted({endpoint for endpoint in served if _plain(endpoint) not in mixed})


def _mixed(project: LoadProject) -> Iterator[str]:
    """Yield the operations of every profile's mix; a profile that cannot be read says so where it is run."""
    for path in sorted(project.profiles.glob("*.toml")):
        try:
            mix = read_toml(path, Profile).content.mix
        except RegLabError:
            continue
        yield from (name for name in mix if name in project.load.operations)


def _plain(endpoint: str) -> str:
    return _HOLE.sub("{}", endpoint)
