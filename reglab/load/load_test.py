"""One supervised load test, from the guard to the record; everything started here is stopped here."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from reglab.config.profile import Profile
from reglab.config.targets import Target
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.capacity import search_capacity
from reglab.load.figures.baseline_diff import comparison, earlier_record, ratios
from reglab.load.figures.unmixed import unmixed_endpoints
from reglab.load.generator.arrivals import planned_counts
from reglab.load.load_module import LoadProject
from reglab.load.load_run import Arrangement, LoadRun, run_load
from reglab.load.outer_variables import said_variables
from reglab.load.record_header import RECORD, header_of
from reglab.load.run_facts import clean_command, held, save_run_facts
from reglab.load.server.drilldown import drill_down, slowest_scenarios
from reglab.load.server.system_under_test import OwnService, Say, Subject, foreign_target
from reglab.load.target.allowlist import allowed_target, check_caps, check_workers
from reglab.load.target.http_client import DEADLINE_S, Api
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, new_run_id, prepare_rows
from reglab.load.writes.teardown import Teardown, sql_url
from reglab.postgres.database_url import configured_url
from reglab.report.policy import Policy
from reglab.report.record_files import RecordWriter, recording
from reglab.report.records import Measurement, Remark, RemarkKind, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTest:
    """What to run, and where its files go. `target` is an origin; None starts the service itself."""

    project: LoadProject
    profile: Profile
    policy: Policy
    run_folder: Path
    workers: int = 1
    target: str | None = None
    against: Path | None = None
    drills_down: bool = False

    @property
    def folder(self) -> Path:
        """The folder of everything but the record: logs, ledgers, the generator's state."""
        return self.run_folder / "load"

    def run(self, *, say: Say) -> bool:
        """Run the load test, write its record, return whether the target stayed proven to the end.

        Raises LoadTestError where it could not run.
        """
        if self.drills_down and (self.target or configured_url()):
            raise LoadTestError(
                "--drilldown needs a service and a database that are started here: Silk makes tables of its own"
            )
        run = new_run_id()
        header = header_of(
            self.project,
            self.profile,
            run_folder=self.run_folder,
            run=run,
            workers=self.workers,
            target=self.target,
        )
        earlier = earlier_record(self.against, header=header) if self.against else None
        if self.folder.exists():
            raise LoadTestError(f"{self.folder}: a load test has been here already; name another --run folder")
        self.folder.mkdir(parents=True)
        with recording(self.run_folder / RECORD, header) as record, ExitStack() as stack:
            subject = foreign_target(self.target, self.project) if self.target else None
            own = OwnService(project=self.project, folder=self.folder, say=say)
            subject = subject or stack.enter_context(own.running())
            for sentence in said_variables(is_ours=not self.target):
                say(sentence)
                record.write(Remark(kind=RemarkKind.NOTE, scenario=self.profile.name, text=sentence))
            if unmixed := unmixed_endpoints(self.project):
                text = f"{len(unmixed)} endpoints of the suite are in no load mix: {', '.join(unmixed)}"
                step = f"Where one belongs into it: an Operation in {self.project.module}, its name below [mix]."
                record.write(Remark(kind=RemarkKind.NOTE, scenario=self.profile.name, text=text, next_step=step))
            stack.enter_context(held(self.folder))
            load = self._measure(record, subject, run, say=say)
            if earlier:
                present = list(load.measurements())
                for ratio in ratios(earlier, present):
                    record.write(ratio)
                for remark in comparison(earlier, present):
                    record.write(remark)
        return not load.is_unsafe and not Tripwire.of_run(self.folder).is_cut()

    def _measure(self, record: RecordWriter, subject: Subject, run: str, *, say: Say) -> LoadRun:
        """Guard, prepare, send, reconcile. What was prepared is cleaned up whatever happens in between."""
        tripwire = Tripwire.of_run(self.folder)
        scenario = self.profile.name
        try:
            guarded = self._guard(subject, tripwire)
        except UnsafeTargetError as error:
            record.write(Remark(kind=RemarkKind.UNSAFE, scenario=scenario, text=str(error)))
            raise
        save_run_facts(self.folder, origin=subject.origin, place=guarded.proof.place, run=run)
        try:
            load = self._send(record, subject, guarded, run, say=say)
        except UnsafeTargetError as error:
            record.write(Remark(kind=RemarkKind.UNSAFE, scenario=scenario, text=str(error)))
            raise
        finally:
            say("reconciling and cleaning up")
            settlement = Teardown(
                load=self.project.load,
                folder=self.folder,
                api=guarded.api,
                run=run,
                prove=guarded.prove_anew,
                database_url=sql_url(subject.database_url),
                clean_with=clean_command(self.run_folder),
            ).settle()
            for line in settlement.lines(scenario):
                record.write(line)
            guarded.api.close()
        if load.is_interrupted:
            raise KeyboardInterrupt
        return load

    def _guard(self, subject: Subject, tripwire: Tripwire) -> "_Guarded":
        variables = subject.all_variables
        target = allowed_target(subject.origin, targets=self.project.targets, variables=variables)
        check_caps(target, profile=self.profile, planned=planned_counts(self.profile, self.project.load))
        check_workers(self.profile, workers=self.workers, variables=variables)
        proof = prove(target, variables=variables, tripwire=tripwire)
        token = os.environ.get("LOADTEST_TOKEN", "")
        api = Api(origin=subject.origin, token=token, proof=proof, tripwire=tripwire, deadline_s=DEADLINE_S)
        return _Guarded(target=target, proof=proof, tripwire=tripwire, api=api, variables=variables)

    def _send(self, record: RecordWriter, subject: Subject, guarded: "_Guarded", run: str, *, say: Say) -> LoadRun:
        """Prepare the run's rows, send the load, and write down what it brought."""
        declared = self.project.load
        if subject.database_pid and declared.seed is not None:
            say("seeding the throw-away database")
            declared.seed(guarded.api)
        say("preparing the run's rows")
        guarded.prove_anew()
        preparation = prepare_rows(declared, self.profile, api=guarded.api, run=run, folder=self.folder)
        load, extra = self._load(subject, guarded, preparation, say=say)
        for line in (*load.lines(), *extra):
            record.write(line)
        if self.drills_down and not load.is_interrupted and not guarded.tripwire.is_cut():
            for remark in self._drill_down(subject, preparation, load, say=say):
                record.write(remark)
        return load

    def _load(
        self, subject: Subject, guarded: "_Guarded", preparation: Preparation, *, say: Say
    ) -> tuple[LoadRun, list[Measurement | Series | Remark]]:
        """Send the load once, or as often as the search for capacity asks for."""
        arrangement = Arrangement(
            subject=subject,
            proof=guarded.proof,
            run=preparation.run,
            workers=self.workers,
            policy=self.policy,
            say=say,
        )

        def send(profile: Profile, folder: Path) -> LoadRun:
            # A search raises the rate: what the target may get is asked for each probe.
            check_workers(profile, workers=self.workers, variables=guarded.variables)
            check_caps(guarded.target, profile=profile, planned=planned_counts(profile, self.project.load))
            load = run_load(profile, folder, arrangement)
            if load.is_unsafe:
                guarded.tripwire.cut(load.state.reasons["unsafe"][0])
            return load

        if self.profile.search is None:
            return send(self.profile, self.folder), []
        return search_capacity(self.profile, send=send, folder=self.folder, policy=self.policy)

    def _drill_down(self, subject: Subject, preparation: Preparation, load: LoadRun, *, say: Say) -> Iterator[Remark]:
        say("a short run that counts statements")
        scenarios = slowest_scenarios(self.profile, load.state)
        for row in drill_down(subject, scenarios=scenarios, preparation=preparation, folder=self.folder):
            kind = RemarkKind.INCONCLUSIVE if row.problem else RemarkKind.NOTE
            yield Remark(kind=kind, scenario=self.profile.name, text=row.sentence())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guarded:
    """A target that has proven itself, and the only way to talk to it."""

    target: Target
    proof: Proof
    tripwire: Tripwire
    api: Api
    variables: Mapping[str, str] = field(repr=False)

    def prove_anew(self) -> None:
        """Have the target prove itself once more, on the same database. Raises LoadTestError where it does not."""
        prove(self.target, variables=self.variables, tripwire=self.tripwire, expected=self.proof)
