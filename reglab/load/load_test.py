"""One supervised load test, from the guard to the record; everything started here is stopped here."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.baseline_diff import comparison, earlier_record
from reglab.load.capacity import search_capacity
from reglab.load.generator.arrivals import planned_counts
from reglab.load.http_client import Api
from reglab.load.load_run import LoadPass, run_pass
from reglab.load.profiles import Profile, digest_of
from reglab.load.server.drilldown import drill_down, slowest_scenarios
from reglab.load.server.system_under_test import ROOT, Say, Subject, foreign_target, own_service
from reglab.load.target import Target, allowed_target, check_caps, prove
from reglab.load.writes.preparation import Preparation, new_run_id, prepare_rows
from reglab.load.writes.teardown import settle_accounts
from reglab.report.environment import present_environment, revision
from reglab.report.record_files import RecordWriter, now, recording
from reglab.report.records import Header, Measurement, Remark, RemarkKind, Series

RECORD = "load.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTest:
    """What to run, and where its files go. `target` is an origin; None starts the service itself."""

    profile: Profile
    run_folder: Path
    workers: int = 1
    target: str | None = None
    against: Path | None = None
    drills_down: bool = False

    @property
    def folder(self) -> Path:
        """The folder of everything but the record: logs, ledgers, the generator's state."""
        return self.run_folder / "load"

    def run(self, *, say: Say) -> None:
        """Run the load test and write its record. Raises LoadTestError where it could not run."""
        run = new_run_id()
        header = self._header(run)
        earlier = earlier_record(self.against, header=header) if self.against else None
        self.folder.mkdir(parents=True, exist_ok=False)
        with recording(self.run_folder / RECORD, header) as record, ExitStack() as stack:
            subject = foreign_target(self.target) if self.target else None
            subject = subject or stack.enter_context(own_service(folder=self.folder, say=say))
            measured = self._measure(record, subject, run, say=say)
            if earlier:
                for remark in comparison(earlier, measured):
                    record.write(remark)

    def _measure(self, record: RecordWriter, subject: Subject, run: str, *, say: Say) -> list[Measurement]:
        """Guard, prepare, send, reconcile. What was prepared is cleaned up whatever happens in between."""
        api = Api(origin=subject.origin, token=os.environ.get("LOADTEST_TOKEN", ""), timeout_s=30.0)
        try:
            target = self._guard(subject, api)
        except UnsafeTargetError as error:
            record.write(Remark(kind=RemarkKind.UNSAFE, scenario=self.profile.name, text=str(error)))
            raise
        say("preparing the run's rows")
        try:
            preparation = prepare_rows(self.profile, api=api, run=run, folder=self.folder)
            load, extra = self._load(subject, target, preparation, say=say)
            for line in load.lines():
                record.write(line)
            for line in extra:
                record.write(line)
            if self.drills_down and not load.is_interrupted:
                for remark in self._drill_down(subject, preparation, load, say=say):
                    record.write(remark)
        finally:
            say("reconciling and cleaning up")
            aftermath = settle_accounts(self.folder, api=api, run=run, database_url=subject.database_url)
            for line in aftermath.lines(self.profile.name):
                record.write(line)
            api.close()
        if load.is_interrupted:
            raise KeyboardInterrupt
        return list(load.measurements())

    def _guard(self, subject: Subject, api: Api) -> Target:
        variables = os.environ | dict(subject.variables)
        target = allowed_target(subject.origin, variables=variables)
        check_caps(target, profile=self.profile, planned=planned_counts(self.profile))
        prove(target, api=api, variables=variables)
        return target

    def _load(
        self, subject: Subject, target: Target, preparation: Preparation, *, say: Say
    ) -> tuple[LoadPass, list[Measurement | Series | Remark]]:
        """Send the load once, or as often as the search for capacity asks for."""

        def send(profile: Profile, folder: Path) -> LoadPass:
            # A search raises the rate: what the target may get is asked for each probe.
            check_caps(target, profile=profile, planned=planned_counts(profile))
            return run_pass(profile, subject=subject, run=preparation.run, folder=folder, workers=self.workers, say=say)

        if self.profile.search is None:
            return send(self.profile, self.folder), []
        return search_capacity(self.profile, send=send, folder=self.folder)

    def _drill_down(self, subject: Subject, preparation: Preparation, load: LoadPass, *, say: Say) -> Iterator[Remark]:
        if not subject.is_ours:
            raise LoadTestError("--drilldown needs a service that is started here: Silk must be switched on for it")
        say("a short pass under Silk")
        scenarios = slowest_scenarios(self.profile, load.state)
        for row in drill_down(subject, scenarios=scenarios, preparation=preparation, folder=self.folder):
            yield Remark(kind=RemarkKind.NOTE, scenario=self.profile.name, text=row.sentence())

    def _header(self, run: str) -> Header:
        return Header(
            instrument="load",
            run=self.run_folder.name,
            subject="service",
            revision=revision(ROOT),
            environment=present_environment(),
            started_at=now(),
            context={
                "load_id": run,
                "profile": self.profile.name,
                "profile_digest": digest_of(self.profile),
                "workers": str(self.workers),
                "target": self.target or "own service",
            },
        )
