"""The work audit: every scenario at every size, counted twice, held against contract, growth law and ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connections

from reglab.config.suite import Scenario, SuiteFile
from reglab.counters.definition import Depth
from reglab.counters.engine.counter_sets import counter_sets, repeated
from reglab.counters.engine.execution import Executor
from reglab.counters.registry import counted_metrics
from reglab.errors import AuditError
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.data.databases import MeasuringDatabases, measuring_databases, own_aliases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.data.driver import CounterError
from reglab.project.data.isolation import no_collection, stopped_clock
from reglab.project.endpoints.coverage import Coverage, coverage_of, selected
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.requests.binding import bound_values, names_in
from reglab.project.requests.request_builder import prepared
from reglab.project.source_lines import ProjectFrames
from reglab.project.test_environment import project_frames
from reglab.report.records import Measurement
from reglab.work.write_sets import Breach, breaches, written

TAKINGS = 2
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Counts of all sets of counters over one scenario at one point, once. `complaint`: why they mean nothing."""

    counts: tuple[Measurement, ...] = ()
    breaches: tuple[Breach, ...] = ()
    remarks: tuple[str, ...] = ()
    status: int = 0
    complaint: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBench:
    """Takes scenarios on the databases of one point."""

    file: SuiteFile
    point: Point
    executor: Executor
    frames: ProjectFrames

    def take(self, scenario: Scenario, *, is_first: bool) -> Taking:
        """Execute every set of counters over the scenario, each on the same rows."""
        values = bound_values(self.file, scenario, sizes=self.point.sizes)
        requests = prepared(self.file.suite, scenario, values)
        if is_first:
            warm = self.executor.warm_up(requests)
            if warm.complaint:
                return Taking(complaint=warm.complaint, status=warm.answers[-1].status if warm.answers else 0)
        counts: list[Measurement] = []
        remarks: list[str] = []
        status = 0
        left_out = {exception.counter for exception in scenario.without}
        depth = self._depth(is_first=is_first)
        connections_here = [connections[alias] for alias in own_aliases()]
        for counted in counter_sets(connections_here, frames=self.frames, without=left_out, depth=depth):
            try:
                done = self.executor.execute(requests, counted)
            except CounterError as error:
                remarks.append(f"the counters {counted.name!r} cannot be run here: {error}")
                continue
            status = done.answers[-1].status if done.answers else 0
            if done.complaint:
                return Taking(complaint=done.complaint, status=status)
            counts.extend(done.counts)
            remarks.extend(counted.remarks)
        counts.extend(
            repeated(lambda: self.executor.execute(requests), frames=self.frames, without=left_out, depth=depth)
        )
        self.executor.clean_up()
        seen = {count.metric.name for count in counts}
        # Counted by part: where there is none, the sum of all parts is 0, and has to be there to be judged.
        counts.extend(
            Measurement(metric=metric, values=(0,))
            for metric in counted_metrics()
            if metric.is_zero_when_absent and metric.name not in seen
        )
        return Taking(
            counts=tuple(counts),
            breaches=breaches(scenario, written(counts), values=values),
            remarks=tuple(remarks),
            status=status,
        )

    def _depth(self, *, is_first: bool) -> Depth:
        """Python's own work is slow to count: along the first axis alone, and its memory only once."""
        if is_first and self.point == points_of(self.file.suite.axes)[0]:
            return Depth.MEMORY
        is_main = self.point.axis == next(iter(self.file.suite.axes), "")
        return Depth.PYTHON if is_main else Depth.DATABASE
