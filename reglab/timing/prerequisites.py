"""Prerequisites of a comparison: the suite's scenarios and sizes, the database server, the folders of both subjects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase

from django.db import connections

from reglab.config.nearest_word import nearest
from reglab.config.project import Project
from reglab.config.suite import SuiteFile
from reglab.errors import ComparisonError
from reglab.postgres.connection import connected
from reglab.postgres.databases import server_version
from reglab.postgres.server import Server
from reglab.project.data.aliases import is_named_by_url, vendor_of
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.report.policy import Policy
from reglab.report.rules.paired import PairedRule
from reglab.timing.workers.cpu_affinity import Cores, keep_off

_DATABASE = "subject"


def chosen_scenarios(file: SuiteFile, patterns: Sequence[str]) -> list[str]:
    """Return the suite's scenarios that the patterns match, or its own choice. Raises ComparisonError for none."""
    names = [scenario.name for scenario in file.suite.scenario]
    chosen: list[str] = []
    for pattern in patterns or file.suite.compare.scenarios:
        matching = [name for name in names if fnmatchcase(name, pattern)]
        if not matching:
            raise ComparisonError(f"{file.path}: no scenario is called {pattern!r}{nearest(pattern, names)}")
        chosen.extend(name for name in matching if name not in chosen)
    return chosen


def with_subject(file: SuiteFile, project: Project) -> SuiteFile:
    """Let a suite that names no subject compare the project's own: its folder, unless [tool.reglab] names paths."""
    if not file.suite.compare.subject:
        compared = file.suite.compare.model_copy(update={"subject": project.subject})
        file.suite = file.suite.model_copy(update={"compare": compared})
    return file


def endpoints_of(file: SuiteFile) -> dict[str, str]:
    """Return the endpoint of each scenario, as the present URLconf spells it."""
    return coverage_of(file, Endpoints()).endpoint_by_scenario


def sizes_of(file: SuiteFile) -> dict[str, int]:
    """Return the sizes to compare at: what the suite says, else an axis's largest, or its first in a request."""
    axes = file.suite.axes
    if unknown := set(file.suite.compare.sizes) - set(axes):
        name = min(unknown)
        raise file.complaint(f"no axis is called {name!r}{nearest(name, axes)}", "compare", "sizes")
    sizes = {name: axis.sizes[0] if axis.in_request else max(axis.sizes) for name, axis in axes.items()}
    return {**sizes, **file.suite.compare.sizes}


def paired_rule(policy: Policy) -> PairedRule:
    """Return the policy's rule on pairs, whose looks and margins say when to stop. Raises ComparisonError for none."""
    for rule in policy.rule:
        if isinstance(rule, PairedRule) and rule.instrument == "compare":
            return rule
    raise ComparisonError('the policy has no rule with test = "paired" for the instrument "compare"')


@contextmanager
def database_server(cores: Cores) -> Iterator[tuple[str | None, str]]:
    """Give the URL of a PostgreSQL started for the comparison, and how records call the database.

    The URL is None where the settings name a server, or a SQLite, that is to be used as it is. Our own server stays
    off the measured core.
    """
    vendors = {alias: vendor_of(alias) for alias in connections.settings}
    if not any(vendor == "postgresql" and not is_named_by_url(alias) for alias, vendor in vendors.items()):
        yield None, vendors["default"]
        return
    with Server.throwaway() as server:
        keep_off(cores, server.pid)
        url = server.create_database(_DATABASE)
        with connected(url) as connection:
            version = server_version(connection)
        yield url, f"postgresql {version // 10000}.{version % 10000}"
