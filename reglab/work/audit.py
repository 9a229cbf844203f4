"""The work audit: every scenario at every size, counted twice, held against contract, growth law and ledger."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reglab.config.suite import Scenario, SuiteFile
from reglab.counters.engine.execution import Executor
from reglab.counters.engine.point_bench import PointBench, Taking
from reglab.errors import AuditError
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.data.databases import MeasuringDatabases, measuring_databases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.data.isolation import no_collection, stopped_clock
from reglab.project.endpoints.coverage import Coverage, coverage_of, nothing_matches, selected
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.record_header import ALL
from reglab.project.requests.binding import names_in
from reglab.project.test_environment import project_frames
from reglab.report.parts.shards import Shard
from reglab.work.workers import measured_by

TAKINGS = 2
Say = Callable[[str], None]
Takings = dict[str, dict[str, list[Taking]]]
Settled = Callable[[str, str, Taking], frozenset[str]]
"""The metrics of a scenario (by name) at a variant that the first taking found as they were accepted."""


@dataclass(slots=True, kw_only=True)
class Result:
    """The takings of one scenario by point: the same thing measured `TAKINGS` times."""

    scenario: Scenario
    endpoint: str
    takings: dict[str, list[Taking]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that one audit found out, before anything is judged.

    `is_partial`: a pattern chose the scenarios, so that those which are gone are not known. `is_interrupted`: these are
    the results until then.
    """

    suite: SuiteFile
    coverage: Coverage
    points: tuple[Point, ...]
    results: tuple[Result, ...]
    is_partial: bool
    is_interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of a suite is measured: scenarios by a pattern, a shard of them; and by how many processes at once.

    `names` narrows the scenarios to those, where it is given.
    """

    only: str = ALL
    names: frozenset[str] | None = None
    shard: Shard | None = None
    workers: int = 1


WHOLE: Final = Extent()


def audit(
    file: SuiteFile,
    *,
    extent: Extent = WHOLE,
    say: Say = lambda _: None,
    builds: int = 1,
    settled: Settled = lambda *_: frozenset(),
) -> Audit:
    """Measure the scenarios of `extent`. Raises AuditError for what the user has to mend first.

    With two `builds` the data are made a second time for the second taking: what then differs is no work of the code's.
    What is `settled` after the first taking is not counted again where that takes an execution of its own.
    Ctrl-C and SIGTERM end it: what was measured completely is returned.
    """
    coverage = coverage_of(file, Endpoints())
    scenarios = selected(file.suite.scenario, coverage, extent.only)
    if not scenarios:
        raise nothing_matches(file, extent.only)
    if extent.names is not None:
        scenarios = tuple(one for one in scenarios if one.name in extent.names)
    chosen = extent.shard.of(scenarios) if extent.shard else scenarios
    if not chosen:
        raise AuditError(f"--shard {extent.shard} holds none of the {len(scenarios)} scenarios: make fewer shards")
    results = tuple(Result(scenario=one, endpoint=coverage.endpoint_by_scenario[one.name]) for one in chosen)
    round_ = _Round(file=file, dataset=Dataset(file), say=say, builds=builds, settled=settled)
    with no_collection(), stopped_clock(file.suite.clock), measuring_databases(build=round_.dataset.build) as databases:
        is_interrupted = round_.measured(results, databases, workers=min(extent.workers, len(results)))
    return Audit(
        suite=file,
        coverage=coverage,
        points=points_of(file.suite.axes),
        results=tuple(_complete(results)) if is_interrupted else results,
        is_partial=len(scenarios) < len(file.suite.scenario),
        is_interrupted=is_interrupted,
    )


def _complete(results: Sequence[Result]) -> Iterator[Result]:
    """Yield what an interrupted audit has measured completely: the points with all their takings."""
    for result in results:
        whole = {variant: found for variant, found in result.takings.items() if len(found) == TAKINGS}
        if whole:
            yield replace(result, takings=whole)


def takes_part(scenario: Scenario, point: Point, file: SuiteFile) -> bool:
    """Tell whether a scenario is measured at a point: along an axis of requests, only where its requests use it."""
    axis = file.suite.axes.get(point.axis)
    if axis is None or not axis.in_request or point.sizes == points_of(file.suite.axes)[0].sizes:
        return True
    return point.axis in names_in(
        [step.request for step in scenario.all_steps], [step.body for step in scenario.all_steps]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """The measuring of a suite's scenarios on databases that are there."""

    file: SuiteFile
    dataset: Dataset
    say: Say
    builds: int
    settled: Settled

    def measured(self, results: Sequence[Result], databases: MeasuringDatabases, *, workers: int) -> bool:
        """Measure at every point, in this process or in several; return whether that was interrupted."""
        if workers <= 1:
            return self._measure(results, databases)
        for point in points_of(self.file.suite.axes):
            for build in range(self.builds):
                self.say(f"{point.variant or 'dataset'}: building the data")
                databases.prepare(point.dataset_sizes, build=build)
        databases.share(workers)

        def measure(number: int) -> tuple[Takings, bool]:
            databases.work_as(number)
            own = Shard(number=number + 1, count=workers).of(results)
            is_interrupted = self._measure(own, databases)
            return {one.scenario.name: one.takings for one in own}, is_interrupted

        sent = measured_by(workers, measure)
        takings: Takings = {name: found for one in sent for name, found in (one.measured or {}).items()}
        for result in results:
            result.takings.update(takings.get(result.scenario.name, {}))
        return any(one.is_interrupted for one in sent)

    def _measure(self, results: Sequence[Result], databases: MeasuringDatabases) -> bool:
        try:
            for point in points_of(self.file.suite.axes):
                self._measure_point(point, results, databases)
        except KeyboardInterrupt:
            return True
        return False

    def _measure_point(self, point: Point, results: Sequence[Result], databases: MeasuringDatabases) -> None:
        file, say = self.file, self.say
        chosen = [result for result in results if takes_part(result.scenario, point, file)]
        if not chosen:
            return
        frames = project_frames(file.suite.project_folder)
        for taking in range(TAKINGS):
            if taking < self.builds:
                say(f"{point.variant or 'dataset'}: building the data")
                databases.use(point.dataset_sizes, build=taking)
                cookies = self.dataset.cookies_of_build(point.dataset_sizes, build=taking)
                executor = Executor(cookies=cookies, traces=Traces(restore=databases.restore))
                bench = PointBench(file=file, point=point, executor=executor, frames=frames)
            # The second time backwards: what one scenario leaves behind for the next then shows as a disagreement.
            for number, result in enumerate(chosen if taking == 0 else reversed(chosen), start=1):
                progress = f"({number}/{len(chosen)}, taking {taking + 1} of {TAKINGS})"
                say(f"{point.variant}: {result.scenario.name} {progress}")
                taken = result.takings.setdefault(point.variant, [])
                settled = self.settled(result.scenario.name, point.variant, taken[0]) if taken else frozenset()
                taken.append(bench.take(result.scenario, is_first=taking == 0, settled=settled))
