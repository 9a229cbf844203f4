"""The race audit: every pair, both ways round, stopped at every moment that matters, against both serial orders."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from reglab.config.race_schema import Race
from reglab.config.suite import Scenario, SuiteFile
from reglab.errors import AuditError
from reglab.project.data.databases import MeasuringDatabases, measuring_databases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import points_of
from reglab.project.data.isolation import no_collection, stopped_clock
from reglab.project.endpoints.coverage import Coverage, coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.proposals.lines_to_add import race_to_add
from reglab.project.requests.raced import unraced
from reglab.project.test_environment import project_frames
from reglab.race.database_snapshot import Ground
from reglab.race.pair_runner import Arena, PairResult
from reglab.race.pairs import pairs_of
from reglab.race.scheduling.schedule_run import Meetings

Say = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class RaceAudit:
    """The races of a suite, to be run one pair after another. `unraced` writing scenarios are in none."""

    file: SuiteFile
    only: str = "*"
    say: Say = lambda _: None
    unraced: tuple[Scenario, ...] = ()
    _seen: int = field(default=0, init=False)

    def results(self) -> Generator[PairResult]:
        """Yield each pair's result as soon as it is there. Raises AuditError for what the user has to mend first."""
        coverage = coverage_of(self.file, Endpoints())
        if not self.file.suite.race:
            raise AuditError(self._without_races())
        self.unraced = unraced(self.file.suite)
        dataset = Dataset(self.file)
        with (
            no_collection(),
            stopped_clock(self.file.suite.clock),
            measuring_databases(build=dataset.build) as databases,
        ):
            for race in self.file.suite.race:
                yield from self._of_race(race, coverage=coverage, dataset=dataset, databases=databases)
        if not self._seen:
            raise AuditError(
                f"{self.file.path}: no pair of a race, no scenario of one and no race matches {self.only!r}"
            )

    def _without_races(self) -> str:
        """Say what is missing, and propose the first race: that of a row which some request changes."""
        said = f"{self.file.path}: the suite declares no [[race]]: say which requests meet on which rows"
        changing = [
            each
            for each in unraced(self.file.suite)
            if any(getattr(writes, verb) for writes in each.writes.values() for verb in ("update", "delete"))
        ]
        return f"{said}; {race_to_add(self.file, changing[0])}" if changing else said

    def _of_race(
        self, race: Race, *, coverage: Coverage, dataset: Dataset, databases: MeasuringDatabases
    ) -> Iterator[PairResult]:
        point = points_of(self.file.suite.axes)[0]
        self.say(f"{race.name}: building the data")
        databases.use(point.dataset_sizes)
        every = pairs_of(self.file, race, coverage=coverage, sizes=point.sizes)
        pairs = [pair for pair in every if pair.is_meant_by(self.only)]
        if not pairs:
            return
        frames = project_frames(self.file.suite.project_folder)
        meetings = Meetings(cookies=dataset.cookies(**point.dataset_sizes), frames=frames)
        with closing(meetings):
            arena = Arena(file=self.file, ground=Ground(), meetings=meetings, frames=frames)
            for number, pair in enumerate(pairs, start=1):
                self.say(f"{race.name}: {pair.name} ({number}/{len(pairs)})")
                self._seen += 1
                result = arena.result_of(pair)
                if result.meetings or not pair.is_read:
                    # A reader of a single statement has nothing to be interrupted in.
                    yield result
