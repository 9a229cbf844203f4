"""The work audit: every scenario at every size, counted twice, held against contract, growth law and ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reglab.config.suite import Scenario, SuiteFile
from reglab.counters.engine.execution import Executor
from reglab.counters.engine.point_bench import PointBench, Taking
from reglab.errors import AuditError
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.data.databases import MeasuringDatabases, measuring_databases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.data.isolation import no_collection, stopped_clock
from reglab.project.endpoints.coverage import Coverage, coverage_of, selected
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.requests.binding import names_in
from reglab.project.test_environment import project_frames

TAKINGS = 2
Say = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Result:
    """The takings of one scenario by point: the same thing measured `TAKINGS` times."""

    scenario: Scenario
    endpoint: str
    takings: dict[str, list[Taking]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that one audit found out, before anything is judged."""

    suite: SuiteFile
    coverage: Coverage
    points: tuple[Point, ...]
    results: tuple[Result, ...]
    is_partial: bool


def audit(file: SuiteFile, *, only: str = "*", say: Say = lambda _: None, builds: int = 1) -> Audit:
    """Measure the scenarios that `only` selects. Raises AuditError for what the user has to mend first.

    With two `builds` the data are made a second time for the second taking: what then differs is no work of the code's.
    """
    coverage = coverage_of(file, Endpoints())
    scenarios = selected(file.suite.scenario, coverage, only)
    if not scenarios:
        raise AuditError(f"{file.path}: no scenario and no endpoint matches {only!r}")
    points = points_of(file.suite.axes)
    results = tuple(
        Result(scenario=scenario, endpoint=coverage.endpoint_by_scenario[scenario.name]) for scenario in scenarios
    )
    dataset = Dataset(file)
    clock = stopped_clock(file.suite.clock)
    with no_collection(), clock, measuring_databases(build=dataset.build) as databases:
        for point in points:
            _measure_point(file, point, results, dataset=dataset, databases=databases, say=say, builds=builds)
    return Audit(
        suite=file,
        coverage=coverage,
        points=points,
        results=results,
        is_partial=len(results) < len(file.suite.scenario),
    )


def takes_part(scenario: Scenario, point: Point, file: SuiteFile) -> bool:
    """Tell whether a scenario is measured at a point: along an axis of requests, only where its requests use it."""
    axis = file.suite.axes.get(point.axis)
    if axis is None or not axis.in_request or point.sizes == points_of(file.suite.axes)[0].sizes:
        return True
    return point.axis in names_in(
        [step.request for step in scenario.all_steps], [step.body for step in scenario.all_steps]
    )


def _measure_point(
    file: SuiteFile,
    point: Point,
    results: Sequence[Result],
    *,
    dataset: Dataset,
    databases: MeasuringDatabases,
    say: Say,
    builds: int,
) -> None:
    chosen = [result for result in results if takes_part(result.scenario, point, file)]
    if not chosen:
        return
    frames = project_frames(file.suite.project_folder)
    for taking in range(TAKINGS):
        if taking < builds:
            say(f"{point.variant or 'dataset'}: building the data")
            databases.use(point.dataset_sizes, build=taking)
            cookies = dataset.cookies(**point.dataset_sizes)
            executor = Executor(cookies=cookies, traces=Traces(restore=databases.restore))
            bench = PointBench(file=file, point=point, executor=executor, frames=frames)
        # The second time backwards: what one scenario leaves behind for the next then shows as a disagreement.
        for number, result in enumerate(chosen if taking == 0 else reversed(chosen), start=1):
            say(f"{point.variant}: {result.scenario.name} ({number}/{len(chosen)}, taking {taking + 1} of {TAKINGS})")
            result.takings.setdefault(point.variant, []).append(bench.take(result.scenario, is_first=taking == 0))
