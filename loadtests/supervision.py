"""One supervised load test: database, service, generator, record; everything started here is stopped here."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from database.configured import configured_url
from database.server import Server
from database.settings import PRODUCTION_LIKE
from loadtests.api import Api
from loadtests.arrivals import planned_counts
from loadtests.errors import LoadTestError
from loadtests.generator_files import GeneratorState
from loadtests.generator_processes import GeneratorEnd, Generators
from loadtests.measurements import load_measurements, load_series
from loadtests.preparation import new_run_id, prepare_rows
from loadtests.profiles import Profile
from loadtests.reasons import remarks_of
from loadtests.service_process import migrate, running_service
from reports.environment import present_environment, revision
from reports.record_files import RecordWriter, now, recording
from reports.records import Header, Remark, RemarkKind

ROOT = Path(__file__).resolve().parent.parent
RECORD = "load.jsonl"
SEED = {"customers": 100, "orders_per_customer": 5, "items_per_order": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTest:
    """What to run, and where its files go."""

    profile: Profile
    profile_path: str
    run_folder: Path
    workers: int = 1

    @property
    def folder(self) -> Path:
        """The folder of everything but the record: logs, ledgers, the generator's state."""
        return self.run_folder / "load"

    def run(self, *, progress: Callable[[str], None]) -> None:
        """Run the load test and write its record. Raises LoadTestError where it could not run."""
        self.folder.mkdir(parents=True, exist_ok=False)
        run = new_run_id()
        header = Header(
            instrument="load",
            run=run,
            subject="service",
            revision=revision(ROOT),
            environment=present_environment(),
            started_at=now(),
            context={"profile": self.profile.name, "workers": str(self.workers)},
        )
        with recording(self.run_folder / RECORD, header) as record, ExitStack() as stack:
            database_url = stack.enter_context(_database(progress))
            environment = _service_environment(database_url)
            migrate(environment=environment, root=ROOT, log=self.folder / "migrate.log")
            service = stack.enter_context(running_service(environment=environment, root=ROOT, folder=self.folder))
            api = Api(origin=service.origin)
            stack.callback(api.close)
            _seed(api)
            prepare_rows(self.profile, api=api, run=run, folder=self.folder)
            end = self._generators(service.origin).run(progress=lambda state: progress(_sentence(self.profile, state)))
            self._write(record, end)

    def _generators(self, origin: str) -> Generators:
        return Generators(
            profile=self.profile,
            profile_path=self.profile_path,
            origin=origin,
            workers=self.workers,
            folder=self.folder,
            root=ROOT,
            environment={},
        )

    def _write(self, record: RecordWriter, end: GeneratorEnd) -> None:
        planned = planned_counts(self.profile)
        for reason in end.reasons:
            record.write(Remark(kind=RemarkKind.INCONCLUSIVE, text=reason, scenario=self.profile.name))
        state = end.state or GeneratorState(run="", workers_expected=self.workers)
        for remark in remarks_of(self.profile, state, planned=planned):
            record.write(remark)
        for measurement in load_measurements(self.profile, state, planned=planned):
            record.write(measurement)
        for series in load_series(self.profile, state):
            record.write(series)


@contextmanager
def _database(progress: Callable[[str], None]) -> Iterator[str]:
    url = configured_url()
    if url is not None:
        yield url
        return
    progress("starting PostgreSQL")
    with Server.throwaway(settings=PRODUCTION_LIKE) as server:
        yield server.create_database("load")


def _service_environment(database_url: str) -> dict[str, str]:
    return {
        "SERVICE_ENVIRONMENT": "test",
        "DATABASE_URL": database_url,
        "SERVER_TIMING": "1",
        "CONN_MAX_AGE": "60",
        "EXTRA_APPS": "",
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "service.settings"),
    }


def _seed(api: Api) -> None:
    """Give the reads something to read: rows that the run itself never writes."""
    reply = api.request("POST", "/api/dev/seed/", SEED)
    if reply.status != 201:
        raise LoadTestError(f"POST /api/dev/seed/ answered {reply.status}: {reply.json}")


def _sentence(profile: Profile, state: GeneratorState) -> str:
    seconds = state.seconds()
    arrivals = sum(values[0] for values in seconds.values())
    failures = sum(values[1] for values in seconds.values())
    return (
        f"{profile.name}: {len(seconds)} of {profile.seconds:.0f} s, {arrivals:.0f} arrivals, {failures:.0f} failures"
    )
