"""Common ground of the audits that execute scenarios: the suite, its data at the base size, and its requests."""

import gc
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.client import ClientHandler

from reglab.config.suite import Scenario, SuiteFile
from reglab.config.suite_parts import JOBS
from reglab.project.data.databases import MeasuringDatabases, measuring_databases, own_aliases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.data.isolation import no_collection, stopped_clock
from reglab.project.data.missing_tables import with_tables
from reglab.project.endpoints.coverage import Coverage, coverage_of, nothing_matches, selected
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.requests.binding import bound_values
from reglab.project.requests.jobs import job_name
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.test_client import Request, Visitor
from reglab.project.source_lines import ProjectFrames
from reglab.project.test_environment import project_frames

Say = Callable[[str], None]
_NAME = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditGround:
    """The present databases, filled at the suite's base size, and the scenarios that were chosen."""

    file: SuiteFile
    point: Point
    coverage: Coverage
    scenarios: tuple[Scenario, ...]
    databases: MeasuringDatabases
    dataset: Dataset
    frames: ProjectFrames
    say: Say
    # As in a server, one middleware for all requests: setting it up may cost more than to answer.
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    @property
    def connections(self) -> tuple[BaseDatabaseWrapper, ...]:
        """The connections of every alias that has a database of its own."""
        return tuple(connections[alias] for alias in own_aliases())

    @property
    def is_postgresql(self) -> bool:
        """Whether every one of these databases is PostgreSQL."""
        return all(connection.vendor == "postgresql" for connection in self.connections)

    def endpoint(self, scenario: Scenario) -> str:
        """Return the endpoint of a scenario, as records call it."""
        return self.coverage.endpoint_by_scenario[scenario.name]

    @property
    def served(self) -> tuple[Scenario, ...]:
        """The scenarios that a client can ask for: all but jobs."""
        return tuple(one for one in self.scenarios if not one.is_job)

    @property
    def is_whole(self) -> bool:
        """Whether these are all scenarios of the suite."""
        return len(self.scenarios) == len(self.file.suite.scenario)

    def requests(self, scenario: Scenario) -> tuple[Request, ...]:
        """Return the scenario's requests with every binding filled in from the present rows."""
        return prepared(self.file.suite, scenario, bound_values(self.file, scenario, sizes=self.point.sizes))

    def begin(self, text: str) -> None:
        """Say what comes next, and collect what the last scenario left: inside the audit nothing else does.

        What stays are results and imports: frozen, so that the next collection does not look through them again.
        """
        gc.collect()
        gc.freeze()
        self.say(text)

    def visitor(self) -> Visitor:
        """Return a client with the cookies that every request of the suite carries."""
        return Visitor(cookies=self.dataset.cookies(**self.point.dataset_sizes), handler=self.handler)


@contextmanager
def audit_ground(
    file: SuiteFile, *, only: str = "*", is_closed: bool = False, say: Say = lambda _: None
) -> Iterator[AuditGround]:
    """Migrate databases of our own and fill them at the base size. Raises AuditError for what the user has to mend.

    Closed settings may lack endpoints that the suite asks for.
    """
    coverage = _coverage_of_what_is_there(file) if is_closed else coverage_of(file, Endpoints())
    scenarios = selected(file.suite.scenario, coverage, only)
    if not scenarios:
        raise nothing_matches(file, only)
    point = points_of(file.suite.axes)[0]
    dataset = Dataset(file)
    with (
        no_collection(),
        stopped_clock(file.suite.clock),
        measuring_databases(build=dataset.build) as databases,
    ):
        say("building the data")
        databases.use(point.dataset_sizes)
        yield AuditGround(
            file=file,
            point=point,
            coverage=coverage,
            scenarios=scenarios,
            databases=databases,
            dataset=dataset,
            frames=project_frames(file.suite.project_folder),
            say=say,
        )
        databases.restore()


def _coverage_of_what_is_there(file: SuiteFile) -> Coverage:
    endpoints = Endpoints()
    found = {
        scenario.name: job_name(step)
        if step.method in JOBS
        else f"{step.method} {endpoints.path_of(_NAME.sub('1', step.path)) or step.path}"
        for scenario in file.suite.scenario
        for step in scenario.all_steps
    }
    return Coverage(endpoint_by_scenario=found, uncovered=(), idle_waivers=())


def is_left_out(scenario: Scenario, counter: str) -> bool:
    """Tell whether the suite leaves a counter of this scenario out, with its reason."""
    return any(exception.counter == counter for exception in scenario.without)


def own_models(frames: ProjectFrames) -> tuple[type[models.Model], ...]:
    """Return the models of the project's own that have a table or a view, in Django's order."""
    own = (model for model in apps.get_models() if frames.is_project(_file_of(model)))
    return tuple(with_tables(own))


def models_of_tables(tables: Iterable[str], frames: ProjectFrames) -> tuple[type[models.Model], ...]:
    """Return the models of the project's own that have these tables, in their order."""
    by_table: dict[str, list[type[models.Model]]] = {}
    for model in own_models(frames):
        by_table.setdefault(model._meta.db_table, []).append(model)  # noqa: SLF001  # Django's public name for it
    return tuple(model for table in tables for model in by_table.get(table, []))


def _file_of(model: type[models.Model]) -> str:
    return getattr(sys.modules.get(model.__module__), "__file__", None) or ""
